import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseCamera, type JournalEntry } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { start, type Json } from "../helpers/kvs-frames.js";
import { temporaryDirectory } from "../helpers/test-frame.js";
import { compareWithTruth } from "../helpers/truth.js";

const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1000, 60_000, 3_600_000];
const HOURS = 26;
/** Half a minute of every quarter of an hour is stored. */
const EVERY_MS = 15 * MINUTE_MS;
const STORED_MS = 30 * SECOND_MS;
const KILLS = 2;
/** Fragments and playlists a second of a session, openings a second of the stream. */
const QUOTAS = [10, 5, 1];
const emulated = new Emulated({ cameras: [parseCamera(`door=testsrc,size=64x48,fps=2,fragment=5,loop=20,history=${(HOURS + 1) * 3600},retention=48`)] });

test(`a sparse archive of ${HOURS} hours comes whole, over ${KILLS} kills, and within the service's quotas`, async (context) => {
  const camera = emulated.camera("door");
  const toMs = Date.now() - MINUTE_MS;
  const fromMs = toMs - HOURS * HOUR_MS;
  for (let at = fromMs - EVERY_MS; at < toMs; at += EVERY_MS) camera.goOffline(at + STORED_MS, Math.min(at + EVERY_MS, toMs));
  const directory = await temporaryDirectory(context);
  const flags = ["--start", String(fromMs), "--end", String(toMs), "--no-images", "--resume", join(directory, "door.json"), "--quiet"];
  const records: Json[] = [];
  for (let kill = 0; kill <= KILLS; kill++) {
    const { child, finished } = start(["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "door", ...flags]);
    if (kill < KILLS) {
      await sleep(8000 + Math.random() * 4000);
      child.kill("SIGKILL");
    }
    const run = await finished;
    if (kill === KILLS) assert.equal(run.code, 0, run.stderr);
    records.push(...run.records);
  }
  const frames = records.filter(({ type }) => type === "frame");
  const stored = camera.fragments(fromMs - MINUTE_MS, toMs, "producer").flatMap((fragment) => fragment.frames.map(({ producerMs }) => Math.round(producerMs))).filter((time) => time >= fromMs && time < toMs);
  assert.ok(stored.length > HOURS * 4 * 50, `${stored.length} frames are stored`);
  assert.deepEqual(frames.map(({ capturedAtMs }) => capturedAtMs), stored);
  assert.deepEqual(frames.map(({ seq }) => seq), frames.map((_, seq) => seq));
  compareWithTruth(camera, frames.map(({ fragment, index, capturedAtMs }) => ({ fragment: String(fragment), index: Number(index), capturedAt: Number(capturedAtMs) })));
  const missing = records.filter(({ type }) => type === "gap").reduce((sum, { durationMs }) => sum + Number(durationMs), 0);
  assert.ok(Math.abs(missing - (toMs - fromMs - stored.length * 500)) < 2 * SECOND_MS, `gaps of ${missing} ms are told`);
  const entries = emulated.emulator.journal;
  assert.deepEqual(entries.filter(({ status }) => status >= 400), []);
  const peaks = ["GetMP4MediaFragment", "GetHLSMediaPlaylist", "GetHLSStreamingSessionURL"].map((operation) => most(entries, operation));
  assert.ok(peaks.every((peak, at) => peak <= QUOTAS[at]!), `at most ${peaks.join(", ")} requests a second, allowed are ${QUOTAS.join(", ")}`);
});

/** What leaves a second apart may arrive closer together. */
const WINDOW_MS = 0.9 * SECOND_MS;

/** The most requests of an operation in any one second, by session if it has one. */
function most(entries: readonly JournalEntry[], operation: string): number {
  const times = entries.filter((entry) => entry.operation === operation);
  return Math.max(...times.map(({ at, sessionIndex }) => times.filter((other) => other.sessionIndex === sessionIndex && other.at > at - WINDOW_MS && other.at <= at).length));
}
