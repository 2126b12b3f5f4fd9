import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredFragment } from "../../src/core/stored-fragment.js";
import { measureLatency } from "../../src/source/probe/appearance.js";
import { costOf, quotaOf } from "../../src/source/probe/cost.js";
import { measureClock, measureCoverage } from "../../src/source/probe/coverage.js";
import type { PictureFacts, ProbeFacts } from "../../src/source/probe/facts.js";
import { measurePictures } from "../../src/source/probe/pictures.js";
import { fitLine, spread } from "../../src/source/probe/statistics.js";
import { timeFindings } from "../../src/source/probe/time-findings.js";
import { readable } from "../../src/source/probe/words.js";
import { assertNear } from "../helpers/probing.js";

const START = Date.UTC(2026, 10, 22);

/** Fragments of two seconds, 25 pictures a second, one after the other; `change` says what is different of one. */
const stored = (count: number, change: (at: number) => Partial<{ producer: number; server: number; lengthMs: number }> = () => ({})): StoredFragment[] =>
  Array.from({ length: count }, (_, at) => {
    const { producer = START + 2000 * at, server = START + 2000 * at + 100, lengthMs = 1960 } = change(at);
    return { number: String(10n ** 40n + BigInt(at)), bytes: 50_000, startMs: { producer, server }, lengthMs };
  });
const coverage = (fragments: StoredFragment[], intervalMs: number | null = 40, sinceMs = START) => measureCoverage({ stored: fragments, listed: [], intervalMs: intervalMs ?? undefined, sinceMs });

test("what follows without a break has no gap, with and without the pictures' own interval, in whatever order it comes", () => {
  for (const intervalMs of [40, null]) {
    const found = coverage(stored(50).sort((a, b) => a.startMs.producer % 7 - b.startMs.producer % 7), intervalMs);
    assert.deepEqual([found?.gaps, found?.overlaps, found?.fragmentMs, found?.fragments], [[], [], { min: 2000, median: 2000, max: 2000 }, 50]);
    assert.equal(found?.storedBitsPerSecond, 200_000);
  }
});

test("gaps and overlaps are those above 50 ms, each with both ends", () => {
  const shifts = new Map([[10, 40], [20, 1000], [30, 880], [40, 5880]]);
  let shift = 0;
  const found = coverage(stored(50, (at) => ({ producer: START + 2000 * at + (shift = shifts.get(at) ?? shift) })));
  assert.deepEqual(found?.gaps.map(({ from, lengthMs }) => [from - START, lengthMs]), [[40_040, 960], [80_880, 5000]]);
  assert.deepEqual(found?.overlaps.map(({ from, lengthMs }) => [from - START, lengthMs]), [[60_880, 120]]);
});

test("a window that begins without footage begins with a gap, unless it is no longer than a fragment", () => {
  assert.deepEqual(coverage(stored(5), 40, START + 100 - 60_000)?.gaps, [{ from: START - 60_000, to: START, lengthMs: 60_000 }]);
  assert.deepEqual(coverage(stored(5), 40, START - 2500)?.gaps, []);
  assert.equal(coverage(stored(50), 40, START + 60_000)?.fragments, 21);
});

test("nothing is stored: nothing can be said", () => {
  assert.equal(coverage([]), null);
  assert.equal(measureClock([]), null);
});

test("pictures alone in their fragments are measured by what is between them", () => {
  const found = coverage(stored(20, () => ({ lengthMs: 0 })), null);
  assert.deepEqual([found?.gaps, found?.fragmentMs.median], [[], 2000]);
});

test("a clock that gains is told by how much and how surely", () => {
  const noise = (at: number) => ((at * 7919) % 41) - 20;
  const clock = measureClock(stored(150, (at) => ({ producer: START + 2000 * at * (1 + 250e-6), server: START + 2000 * at + 100 + noise(at) })));
  assertNear(clock?.driftPpm, 250, 25, "drift");
  assert.ok(clock?.driftErrorPpm && clock.driftErrorPpm < 25 && clock.stepMs === 0);
  assert.equal(measureClock(stored(9))?.driftPpm, null);
});

test("a clock that was set counts from then on", () => {
  const clock = measureClock(stored(100, (at) => ({ producer: START + 2000 * at + (at >= 60 ? 5000 : 0) })));
  assert.deepEqual([clock?.stepMs, clock?.skewMs, clock?.fragments, clock?.driftPpm], [5000, 4900, 40, 0]);
});

test("a day of two megabits a second is 21.6 GB, and one fragment a minute a thirtieth of it", () => {
  const pictures = { bitsPerSecond: 2e6, fragmentBytes: 500_000, keyBytes: 60_000 } as PictureFacts;
  const { everyFrame, keyFrames, oneAMinute } = costOf(pictures, 2000, 0.0119);
  assert.deepEqual([everyFrame.bytesPerDay, keyFrames.bytesPerDay, oneAMinute.bytesPerDay], [21.6e9, 2.592e9, 0.72e9]);
  assertNear(everyFrame.pricePerDay, 0.257, 1e-3, "price");
  assert.deepEqual([quotaOf(2000).catchUp, quotaOf(200).playlistsPerSecond], [20, 4]);
});

test("pictures alone in their fragments, whose lengths the playlist does not tell, have a rate all the same", () => {
  const sample = { data: Buffer.alloc(10), sync: true, ptsMs: 0, index: 0 };
  const alone = (count: number) => measurePictures(Array.from({ length: count }, (_, at) => ({ startMs: START + 500 * at, durationMs: 0, bytes: 60, samples: [sample] })), { hasInitChange: false, oddities: {} as PictureFacts["oddities"] });
  assert.deepEqual([alone(5)?.fps, alone(5)?.intervalMs.median, alone(5)?.bitsPerSecond], [2, 500, 960]);
  assert.deepEqual([alone(1)?.fps, alone(0)], [0, null]);
});

test("what is listed before it ended tells that our clock is behind", () => {
  const fragment = { number: "1", startMs: START, durationMs: 2000 };
  const clock = measureClock(stored(20));
  const latency = measureLatency({ fragment, seenAt: START - 3000, isExact: true }, clock);
  assert.deepEqual([latency.serviceToUsMs, latency.cameraToServiceMs], [-5100, 100]);
  const facts = { calls: [], stream: null, session: null, coverage: null, clock, latency } as unknown as ProbeFacts;
  assert.deepEqual(timeFindings(facts).map(({ id }) => id), ["our-clock"]);
});

test("without a fragment that appeared, latency is between what is sure and what is possible", () => {
  const fragment = { number: "1", startMs: START, durationMs: 2000 };
  const { totalMs, atLeastMs, isExact } = measureLatency({ fragment, seenAt: START + 7000, isExact: false }, null);
  assert.deepEqual([totalMs, atLeastMs, isExact], [5000, 3000, false]);
});

test("lines, spreads and words", () => {
  const line = fitLine([[0, 1], [1, 3], [2, 5], [3, 7]]);
  assert.deepEqual([line.slope, line.residual, line.slopeError], [2, 0, 0]);
  assert.deepEqual(spread([3, 1, 2, 10]), { min: 1, median: 2.5, max: 10 });
  assert.deepEqual([0, 0.04, 33.367, 999, 1620, 179_000, 180_000, 7_200_000, 86_400_000 * 40].map(readable), ["0 ms", "0.04 ms", "33.4 ms", "999 ms", "1.62 s", "179 s", "3 min", "2 h", "40 d"]);
});
