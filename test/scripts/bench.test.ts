import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FFMPEG } from "../helpers/emulated.js";

interface Contender {
  readonly name: string;
  readonly missing?: string;
  readonly samples?: readonly number[];
  readonly median?: number;
  readonly min?: number;
  readonly max?: number;
}

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly contenders: readonly Contender[];
  readonly against: string | null;
  readonly ratio: number | null;
  readonly target: object | null;
  readonly reached: boolean | null;
}

interface Result {
  readonly machine: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
  readonly growth: readonly object[];
}

interface Modules {
  readonly row: (facts: object) => Row;
  readonly checkFrames: (results: object, frames: number, framesOf: (sample: number) => number, tolerance?: number) => string[];
  readonly newestByFragment: (times: number[], fragments: string[], framesOf: (fragment: string) => number) => unknown[];
  readonly failedRow: (name: string, error: string) => Row;
  readonly report: (result: Result) => string;
}

const SCRIPT = fileURLToPath(new URL("../../scripts/bench.mjs", import.meta.url));
const load = async (name: string): Promise<Modules> => (await import(new URL(`../../scripts/bench/${name}.mjs`, import.meta.url).href)) as Modules;
const bench = (...argv: string[]) => promisify(execFile)(process.execPath, [SCRIPT, ...argv], { env: { ...process.env, KVS_FRAMES_FFMPEG: FFMPEG }, timeout: 50_000 });
const failure = (...argv: string[]) => bench(...argv).then(() => assert.fail("it ran"), ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }));

test("the bench tells what it can measure", async () => {
  const { stdout, stderr } = await bench("--list");
  const names = stdout.trimEnd().split("\n").map((line) => line.split(" ")[0]);
  assert.deepEqual(names, [
    "raw-stdout", "library-bgr24", "library-yuv420p", "jpeg-5fps", "keyframes-0.5fps", "sparse-0.1fps", "key-in-frame-out", "live-latency",
    "snapshot", "help", "cameras-20", "rss-live", "growth-cameras", "growth-sizes", "growth-archive",
  ]);
  assert.equal(stderr, "");
});

test("the bench refuses what it does not know, in one sentence", async () => {
  for (const [argv, message] of [[["--fast"], /^bench: Unknown option '--fast'[^\n]*\n$/], [["--only", "help,speed"], /got "speed"\n$/], [["--minutes", "0"], /got "0"\n$/]] as const) {
    const { code, stderr } = await failure(...argv);
    assert.equal(code, 64);
    assert.match(stderr, message);
  }
});

test("a row of the bench has all samples of all contenders, and what they come to", { timeout: 60_000 }, async () => {
  const { stdout } = await bench("--only", "help", "--quick", "--json");
  const { machine, rows: [row, ...others], growth } = JSON.parse(stdout) as Result;
  assert.deepEqual(Object.keys(machine), ["date", "cpu", "cores", "memoryGb", "load", "node", "ffmpeg", "opencv", "pyav", "aws"]);
  assert.deepEqual([others, growth], [[], []]);
  const { name, unit, contenders: [ours, aws, node], target, ratio, reached } = row!;
  assert.deepEqual({ name, unit, target }, { name: "help", unit: "ms", target: { atMost: 0.4 } });
  assert.deepEqual([ours?.name, aws?.name, node?.name], ["kvs-frames", "aws --version", "node -e 0"]);
  assert.ok(ours?.samples?.length === 3 && ours.min! <= ours.median! && ours.median! <= ours.max!);
  // Not on every machine there is an AWS CLI.
  assert.deepEqual([ratio, reached], aws?.missing === undefined ? [ours.median! / aws!.median!, ratio! <= 0.4] : [null, null]);
});

test("what could not be measured never counts as reached", async () => {
  const { row } = await load("results");
  const facts = { name: "x", figure: "time", unit: "s", target: { atMost: 1 }, against: "peer" };
  const verdict = ({ ratio, reached }: Row) => [ratio, reached];
  assert.deepEqual(verdict(row({ ...facts, results: { ours: [1, 2, 9], peer: [3, 4, 4] } })), [0.5, true]);
  assert.deepEqual(verdict(row({ ...facts, results: { ours: [1, 2, 9], peer: [3, 4, 4] }, kind: "speed", target: { atLeast: 2.1 } })), [2, false]);
  assert.deepEqual(verdict(row({ ...facts, results: { ours: [1], peer: "not installed" } })), [null, null]);
  assert.deepEqual(verdict(row({ ...facts, results: { ours: "no such thing", peer: [1] } })), [null, null]);
  assert.deepEqual(verdict(row({ ...facts, results: { ours: [2], peer: [1] }, judged: "value", target: { atMost: 2 } })), [2, true]);
  assert.deepEqual(verdict(row({ ...facts, results: { ours: "no such thing", peer: [1] }, judged: "value" })), [null, null]);
});

test("the table says what was reached, what was not, and what could not be measured", async () => {
  const { row } = await load("results");
  const { failedRow, report } = await load("results").then(async (results) => ({ ...results, ...(await load("report")) }));
  const facts = { name: "x", figure: "time", unit: "s", against: "peer" };
  const rows = [
    row({ ...facts, results: { ours: [1, 2, 9], peer: [4, 4, 4] }, target: { atMost: 0.4 } }),
    row({ ...facts, results: { ours: [1], peer: "not installed" }, target: { atLeast: 1 } }),
    row({ ...facts, results: { ours: [0.25] }, against: undefined, target: { atMost: 1 }, notes: ["loud"] }),
    failedRow("y", "no | such thing"),
  ];
  const lines = report({ machine: { load: 0 }, rows, growth: [] }).split("\n").filter((line) => /^(\| [xy] |- )/.test(line));
  assert.deepEqual(lines, [
    "| x | time | 2.00 s (1.00 to 9.00) | peer: 4.00 s (4.00 to 4.00) | 0.50 | ≤ 0.4 | no |",
    "| x | time | 1.00 s (1.00 to 1.00) | peer: not installed |  | ≥ 1 | not measured |",
    "| x | time | 0.250 s (0.250 to 0.250) |  |  | ≤ 1 s | yes |",
    "| y |  | no \\| such thing |  |  |  | not measured |",
    "- x: loud",
  ]);
});

test("a contender that leaves frames out is told of, and ours does not count", async () => {
  const { checkFrames } = await load("frames");
  const itself = (frames: number) => frames;
  assert.deepEqual(checkFrames({ ours: [60, 60], peer: [60, 59], other: "not installed" }, 60, itself), ["peer gave 59 of 60 frames"]);
  assert.deepEqual(checkFrames({ ours: [59, 61] }, 60, itself, 1), []);
  assert.throws(() => checkFrames({ ours: [60, 58] }, 60, itself, 1), /^Error: ours gave 58 of 60 frames$/);
});

test("the last frame of each fragment is found by counting", async () => {
  const { newestByFragment } = await load("live-ffmpeg");
  assert.deepEqual(newestByFragment([10, 20, 30, 40, 50], ["a", "b", "c"], (fragment) => (fragment === "b" ? 3 : 2)), [["a", 1, 20], ["b", 2, 50]]);
});
