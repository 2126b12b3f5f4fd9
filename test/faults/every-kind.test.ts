import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeMedia, type FaultInput, type Media } from "../../src/emulator/index.js";
import { FFMPEG } from "../helpers/emulated.js";
import { fingerprintsOf, runWithFaults } from "../helpers/fault-run.js";

const FPS = 10;
const LOOP_SECONDS = 4.5;
const ROUTES = ["GetHLSMasterPlaylist", "GetHLSMediaPlaylist", "GetMP4InitFragment", "GetMP4MediaFragment"];

/** Every kind, on every request that it can hit, one after the other. */
const KINDS: readonly FaultInput[] = [
  { kind: "expire" },
  { kind: "revoke" },
  ...[400, 429, 500, 503].flatMap((status) => ["GetDataEndpoint", "GetHLSStreamingSessionURL"].map((operation): FaultInput => ({ kind: "status", operation, status, times: 1 }))),
  ...[400, 401, 403, 404, 429, 500, 503].flatMap((status) => ROUTES.map((operation): FaultInput => ({ kind: "status", operation, status, times: 1 }))),
  ...ROUTES.map((operation): FaultInput => ({ kind: "reset", operation, times: 1 })),
  ...ROUTES.map((operation): FaultInput => ({ kind: "reset-body", operation, times: 1 })),
  ...ROUTES.map((operation): FaultInput => ({ kind: "stall", operation, times: 1, for: "3s" })),
  ...ROUTES.map((operation): FaultInput => ({ kind: "stall", operation, times: 1, for: "3s", afterBytes: 100 })),
  ...ROUTES.map((operation): FaultInput => ({ kind: "drip", operation, times: 1, bytesPerSecond: 50 })),
  ...ROUTES.map((operation): FaultInput => ({ kind: "truncate", operation, times: 1 })),
  ...ROUTES.map((operation): FaultInput => ({ kind: "empty", operation, times: 1 })),
  { kind: "truncate", times: 20, for: "900ms" },
  { kind: "empty", times: 20, for: "900ms" },
  { kind: "non-key", times: 20, for: "900ms" },
  { kind: "corrupt", times: 1, bytes: 5000 },
  { kind: "corrupt", times: 20, for: "900ms", bytes: 5000 },
  { kind: "malformed", times: 1 },
  { kind: "malformed", operation: "GetHLSMasterPlaylist", times: 1 },
  { kind: "frozen", for: "6s" },
  { kind: "jump", for: "2s" },
  { kind: "offline", for: "4s" },
  { kind: "clock-step", byMs: -1234 },
  { kind: "clock-step", byMs: 2345 },
  { kind: "resend", ago: "8s", length: "1s" },
  { kind: "init" },
];
const APART_MS = 1500;
const FIRST_AT_MS = 2000;

let media: Media;
let fingerprints: Map<number, string>;
before(async () => {
  media = await encodeMedia({ path: FFMPEG }, { kind: "testsrc", size: { width: 160, height: 90 }, fps: `${FPS}/1`, fragmentSeconds: 0.5, loopSeconds: LOOP_SECONDS, bframes: 2 });
  fingerprints = await fingerprintsOf(media, FPS * LOOP_SECONDS);
});

test("through every kind of fault in turn, complete delivery misses only what was never served whole, each inside a gap", async (context) => {
  let atMs = FIRST_AT_MS;
  const faults = KINDS.flatMap((fault): FaultInput[] => {
    const at = `${atMs}ms`;
    atMs += APART_MS + ("for" in fault && !("times" in fault) ? 1000 * Number.parseFloat(String(fault.for)) : 0);
    // Faults on opening a session are met only when one is opened.
    const needsOpening = "operation" in fault && fault.operation !== undefined && /DataEndpoint|SessionURL|Master|Init/.test(fault.operation);
    return [{ ...fault, at } as FaultInput, ...(needsOpening ? [{ kind: "expire", at } as FaultInput] : [])];
  });
  const lengthMs = atMs + 8000;
  const { frames, missing, gaps, damaged, emulator, events } = await runWithFaults({ media, fingerprints, faults, lengthMs });
  assert.equal(damaged, 0);
  const unmet = emulator.faults.filter(({ fault, hits }) => hits === 0 && !["offline", "clock-step", "resend", "init"].includes(fault.kind));
  assert.deepEqual(unmet.map(({ fault }) => fault), [], "each was met");
  const causes = new Set(gaps.map(({ cause }) => cause));
  assert.ok(causes.has("corrupt") && causes.has("offline"), [...causes].join(", "));
  assert.ok(missing > 0 && frames > (lengthMs / 1000) * FPS * 0.8, `${frames} frames, ${missing} missing`);
  context.diagnostic(`${faults.length} faults, ${frames} frames, ${missing} never served whole, gaps: ${gaps.map(({ cause }) => cause).join(", ")}`);
  context.diagnostic(`reconnects: ${events.filter(({ type }) => type === "reconnect").length}, sessions: ${events.filter(({ type }) => type === "session").length}`);
});
