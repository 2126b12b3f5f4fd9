// Measures kvs-frames beside what does the same work, in turns on the same machine; see docs/performance.md.
// Usage: npm run -s bench -- [--quick] [--only NAME[,NAME]] [--minutes N] [--json] | --list
import { parseArgs } from "node:util";
import { report } from "./bench/report.mjs";
import { TITLES } from "./bench/rows.mjs";
import { run } from "./bench/run.mjs";

const USAGE = 64;
const FAILED = 1;
const INTERRUPTED = 130;
const OPTIONS = { quick: { type: "boolean" }, only: { type: "string" }, minutes: { type: "string", default: "2" }, json: { type: "boolean" }, list: { type: "boolean" } };
const LEAST_MINUTES = 0.1;

function fail(text) {
  console.error(`bench: ${text}`);
  process.exit(USAGE);
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return fail(error.message);
  }
}

const { quick = false, only, minutes: minutesText, json = false, list = false } = readArguments();
const names = only?.split(",") ?? Object.keys(TITLES);
const unknown = names.find((name) => !Object.hasOwn(TITLES, name));
if (unknown !== undefined) fail(`--only takes names of ${Object.keys(TITLES).join(", ")}; got "${unknown}"`);
const minutes = Number(minutesText);
if (!(minutes >= LEAST_MINUTES)) fail(`--minutes must be a number from ${LEAST_MINUTES}, got "${minutesText}"`);

if (list) {
  for (const [name, title] of Object.entries(TITLES)) console.log(`${name.padEnd(18)} ${title}`);
} else {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop.abort());
  const result = await run(names, { quick, minutes, signal: stop.signal, say: (text) => console.error(`bench: ${text}`) }).catch((error) => {
    if (!stop.signal.aborted) throw error;
    process.exit(INTERRUPTED); // before there was anything to tell
  });
  console.log(json ? JSON.stringify(result) : report(result));
  const hasFailed = result.rows.some(({ error }) => error !== undefined);
  process.exitCode = stop.signal.aborted ? INTERRUPTED : hasFailed ? FAILED : 0;
}
