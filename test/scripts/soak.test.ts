import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FFMPEG } from "../helpers/emulated.js";

interface FrameRecord {
  readonly fragment: string;
  readonly index: number;
  readonly capturedAtMs: number;
}

interface Soaked {
  readonly samples: readonly object[];
  readonly frames: object;
  readonly requests: object;
  readonly summary: object;
}

interface Modules {
  readonly FrameCheck: new (camera: object) => { add(record: object): void } & Readonly<Record<string, unknown>>;
  readonly Requests: new () => { asked(facts: object): void; readonly peaks: ReadonlyMap<string, number> };
  readonly Log: new () => { add(line: string): void; readonly decoderStarts: number; readonly stateChanges: string[]; readonly warnings: string[] };
  readonly checksOf: (scenario: object, run: Soaked) => readonly { readonly name: string; readonly isOk: boolean }[];
}

const SCRIPT = fileURLToPath(new URL("../../scripts/soak.mjs", import.meta.url));
const load = async (name: string): Promise<Modules> => (await import(new URL(`../../scripts/soak/${name}.mjs`, import.meta.url).href)) as Modules;
const { FrameCheck } = await load("frame-check");
const { Requests } = await load("requests");
const { Log } = await load("log");
const { checksOf } = await load("checks");

/** Three fragments of three frames, a third of a second apart; the numbers are too long for a JavaScript number. */
const SENT = [0, 1, 2].map((at) => {
  const startMs = 1_000_000 + at * 1000;
  const frames = [0, 1, 2].map((index) => ({ index, producerMs: startMs + (index * 1000) / 3 }));
  return { number: `91343852333181795358342561000000000000000000${150 + at}`, frames, startMs: { server: startMs } };
});
const CAMERA = {
  truth: (number: string) => SENT.find((fragment) => fragment.number === number),
  fragments: (fromMs: number, toMs: number) => SENT.filter(({ startMs: { server } }) => server >= fromMs && server <= toMs),
};
const RECORDS: FrameRecord[] = SENT.flatMap(({ number, frames }) => frames.map(({ index, producerMs }) => ({ fragment: number, index, capturedAtMs: Math.round(producerMs) })));

function assertFound(records: readonly (FrameRecord | undefined)[], expected: Readonly<Record<string, number>>): void {
  const check = new FrameCheck(CAMERA);
  for (const record of records) check.add({ lagMs: 1, bytes: 0, ...record });
  const { frames, lost, repeated, outOfOrder, wrongTime, unknown } = check;
  assert.deepEqual({ frames, lost, repeated, outOfOrder, wrongTime, unknown }, { frames: records.length, lost: 0, repeated: 0, outOfOrder: 0, wrongTime: 0, unknown: 0, ...expected });
}

test("the soak finds frames lost, repeated, late, at a wrong time, and never sent", () => {
  const [a, b, c, d, , , , h, i] = RECORDS;
  const at = (byMs: number) => [a, b && { ...b, capturedAtMs: b.capturedAtMs + byMs }, c];
  assertFound(RECORDS, {});
  assertFound(RECORDS.slice(1, -1), {});
  assertFound([a, c, d], { lost: 1 });
  assertFound([b, h, i], { lost: 5 });
  assertFound([a, b, b, c], { repeated: 1 });
  assertFound([a, b, c, a], { repeated: 1 });
  assertFound([a, c, b, d], { outOfOrder: 1 });
  assertFound([a, d, c, b], { outOfOrder: 2 });
  assertFound(at(0.5), {});
  assertFound(at(2), { wrongTime: 1 });
  assertFound(at(NaN), { wrongTime: 1 });
  assertFound([a, b, c && { ...c, index: 3 }], { unknown: 1 });
});

test("the soak finds the second in which a session saw the most requests", () => {
  const requests = new Requests();
  const ask = (at: number, sessionIndex = 0, operation = "GetHLSMediaPlaylist") => requests.asked({ at, sessionIndex, operation });
  for (const at of [0, 400, 900, 1000, 1300, 1400, 2600, 2650, 2700]) ask(at);
  for (const at of [2750, 2800, 2850]) ask(at, 1);
  ask(2900, 1, "GetMP4MediaFragment");
  assert.deepEqual([...requests.peaks], [["GetHLSMediaPlaylist", 4], ["GetMP4MediaFragment", 1]]);
});

test("the soak reads decoder starts and changes of state from the log", () => {
  const log = new Log();
  const lines = ["connecting to connected", "decoding h264, 64x36", "session at 127.0.0.1:1 until 2026", "connected to reconnecting", "reconnecting to connected"];
  for (const msg of lines) log.add(JSON.stringify({ level: "info", msg }));
  log.add(JSON.stringify({ level: "warn", msg: "the list is late" }));
  log.add("Segmentation fault");
  assert.equal(log.decoderStarts, 1);
  assert.deepEqual(log.stateChanges, ["connected to reconnecting", "reconnecting to connected"]);
  assert.deepEqual(log.warnings, ["the list is late", "Segmentation fault"]);
});

const SCENARIO = { servesSeconds: 60, isPiped: true };
const samples = (rssOf: (minute: number) => number, descriptorsOf: (minute: number) => number, childrenOf: (minute: number) => number) =>
  Array.from({ length: 20 }, (_, minute) => ({ minute: minute + 1, rssMb: rssOf(minute), descriptors: descriptorsOf(minute), children: childrenOf(minute) }));
const GOOD = {
  samples: samples((minute) => (minute < 3 ? 60 : 100 + minute / 60), (minute) => (minute < 3 ? 9 : 25 + (minute % 3)), () => 1),
  elapsedSeconds: 1200, newestAgeMs: 2000, stateChanges: [], decoderStarts: 1, exitCode: 143, pipedBytes: 90,
  frames: { frames: 9, lost: 0, repeated: 0, outOfOrder: 0, unknown: 0, wrongTime: 0, largestErrorMs: 0.4, bytes: 90 },
  summary: { frames: 9, gaps: 0, reconnects: 0, urlRefreshes: 19 },
  requests: { peaks: new Map([["GetHLSMediaPlaylist", 5], ["GetMP4MediaFragment", 10]]), refused: new Map([["403 GetHLSMediaPlaylist", 19]]), opened: 20 },
};

const BAD: readonly (readonly [RegExp, object])[] = [
  [/^frames lost/, { frames: { ...GOOD.frames, lost: 1 } }],
  [/^frames repeated/, { frames: { ...GOOD.frames, repeated: 1 } }],
  [/^frames out of order/, { frames: { ...GOOD.frames, outOfOrder: 1 } }],
  [/^times wrong/, { frames: { ...GOOD.frames, wrongTime: 1 } }],
  [/^frames that the camera did not send/, { frames: { ...GOOD.frames, unknown: 1 } }],
  [/^frames by the summary/, { summary: { ...GOOD.summary, frames: 8 } }],
  [/^age of the newest/, { newestAgeMs: 10_001 }],
  [/^gaps/, { summary: { ...GOOD.summary, gaps: 1 } }],
  [/^reconnects/, { summary: { ...GOOD.summary, reconnects: 1 } }],
  [/^urlRefreshes/, { summary: { ...GOOD.summary, urlRefreshes: 21 }, requests: { ...GOOD.requests, opened: 22 } }],
  [/^urlRefreshes/, { summary: { ...GOOD.summary, urlRefreshes: 18 }, requests: { ...GOOD.requests, opened: 19 } }],
  [/^decoder starts/, { decoderStarts: 2 }],
  [/^changes of state/, { stateChanges: ["connected to reconnecting"] }],
  [/^sessions opened/, { requests: { ...GOOD.requests, opened: 21 } }],
  [/^other requests refused/, { requests: { ...GOOD.requests, refused: new Map([["400 GetHLSMediaPlaylist", 1]]) } }],
  [/^most playlist/, { requests: { ...GOOD.requests, peaks: new Map([["GetHLSMediaPlaylist", 6]]) } }],
  [/^most fragment/, { requests: { ...GOOD.requests, peaks: new Map([["GetMP4MediaFragment", 11]]) } }],
  [/^slope of RSS/, { samples: samples((minute) => 100 + minute / 20, () => 25, () => 1) }],
  [/^growth of descriptors/, { samples: samples(() => 100, (minute) => 25 + minute / 3, () => 1) }],
  [/^growth of children/, { samples: samples(() => 100, () => 25, (minute) => (minute > 10 ? 2 : 1)) }],
  [/^exit code/, { exitCode: 75 }],
  [/^bytes on stdout/, { pipedBytes: 89 }],
];

test("each check of the soak fails for its own reason only", () => {
  const failed = (changes: object) => checksOf(SCENARIO, { ...GOOD, ...changes }).filter(({ isOk }) => !isOk).map(({ name }) => name);
  assert.deepEqual(failed({}), []);
  for (const [name, changes] of BAD) {
    const names = failed(changes);
    assert.equal(names.length, 1, `${name}: ${names.join("; ")}`);
    assert.match(names[0] ?? "", name);
  }
});

test("a soak of a few seconds passes with sessions that end every three", { timeout: 60_000 }, async () => {
  const env = { ...process.env, KVS_FRAMES_FFMPEG: FFMPEG };
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "tokens-3s", "--minutes", "0.2"], { env, timeout: 50_000 });
  assert.match(stdout, /^### tokens-3s, 0\.2 minutes: passed$/m);
  assert.match(stdout, /^\| requests refused for an expired session \| \d+ × 403 /m);
});

test("the soak tells what it can run", async () => {
  const failure = (argv: string[]) => promisify(execFile)(process.execPath, [SCRIPT, ...argv]).then(() => assert.fail("it ran"), ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }));
  assert.deepEqual(await failure(["tokens-2s"]), { code: 64, stderr: 'soak: give one of raw-1080p30, raw-1080p30-node-av, expiry-360p, tokens-8s, tokens-3s, rotation; got "tokens-2s"\n' });
  assert.deepEqual(await failure(["rotation", "--minutes", "soon"]), { code: 64, stderr: 'soak: --minutes must be a number from 0.1, got "soon"\n' });
});
