// Runs kvs-frames against the emulator for long, and checks memory, descriptors, and every frame; see docs/soak.md.
// Usage: npm run -s soak -- SCENARIO [--minutes N]
import { parseArgs } from "node:util";
import { checksOf } from "./soak/checks.mjs";
import { report, sampleLine } from "./soak/report.mjs";
import { soak } from "./soak/run.mjs";
import { SCENARIOS } from "./soak/scenarios.mjs";

const USAGE = 64;
const LEAST_MINUTES = 0.1;

function fail(text) {
  console.error(`soak: ${text}`);
  process.exit(USAGE);
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { minutes: { type: "string" } } });
  } catch (error) {
    return fail(error.message);
  }
}

const { positionals: [name, ...more], values } = readArguments();
if (!Object.hasOwn(SCENARIOS, name ?? "") || more.length > 0) fail(`give one of ${Object.keys(SCENARIOS).join(", ")}; got "${[name, ...more].join(" ")}"`);
const scenario = SCENARIOS[name];
const minutes = Number(values.minutes ?? scenario.minutes);
if (!(minutes >= LEAST_MINUTES)) fail(`--minutes must be a number from ${LEAST_MINUTES}, got "${values.minutes}"`);

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop.abort());
const onSample = (sample) => console.error(`soak: ${name}: ${sampleLine(sample)}`);
const run = await soak(scenario, { minutes, signal: stop.signal, onSample });
const checks = checksOf(scenario, run);
console.log(report(name, run, checks));
process.exitCode = checks.every(({ isOk }) => isOk) ? 0 : 1;
