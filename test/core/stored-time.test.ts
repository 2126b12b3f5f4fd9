import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredFragment } from "../../src/core/stored-fragment.js";
import { storedTime, type TimeSpan } from "../../src/core/stored-time.js";

const MIN_GAP_MS = 50;

/** Fragments of pictures that each last as long as given, one after the other from a time on. */
function fragments(fromMs: number, ...pictures: readonly (readonly number[])[]): StoredFragment[] {
  let at = fromMs;
  return pictures.map((lasts) => {
    const durationMs = lasts.reduce((sum, each) => sum + each, 0);
    const fragment = { number: String(at), bytes: 100, startMs: { producer: Math.round(at), server: Math.round(at) + 300 }, lengthMs: Math.round(durationMs - (lasts.at(-1) ?? 0)) };
    at += durationMs;
    return fragment;
  });
}

const steady = (fromMs: number, count: number, frames: number, frameMs: number): StoredFragment[] => fragments(fromMs, ...Array.from({ length: count }, () => Array.from({ length: frames }, () => frameMs)));
const gapsOf = (stored: readonly StoredFragment[], fromMs: number, toMs: number, minGapMs = MIN_GAP_MS): readonly TimeSpan[] => storedTime(stored, { clock: "producer", fromMs, toMs }, minGapMs).gaps;

function assertGaps(actual: readonly TimeSpan[], expected: readonly (readonly [number, number])[]): void {
  const told = JSON.stringify(actual);
  assert.equal(actual.length, expected.length, told);
  for (const [at, [fromMs, toMs]] of expected.entries()) {
    assert.ok(Math.abs(actual[at]!.fromMs - fromMs) <= MIN_GAP_MS && Math.abs(actual[at]!.toMs - toMs) <= MIN_GAP_MS, `${told}, wanted ${fromMs} to ${toMs}`);
  }
}

for (const [what, frames, frameMs] of [["30 a second", 60, 1000 / 30], ["one a second", 10, 1000], ["one in ten seconds, in fragments of its own", 1, 10_000], ["two of a second", 2, 1000]] as const) {
  test(`pictures at ${what}: the last one of a fragment lasts as long as the others, and a missing fragment is a gap of its length`, () => {
    const length = frames * frameMs;
    const stored = [...steady(0, 20, frames, frameMs), ...steady(21 * length, 20, frames, frameMs)];
    assertGaps(gapsOf(stored, 0, 41 * length), [[20 * length, 21 * length]]);
  });
}

test("where the frame rate changes there is no gap, and around it they are exact", () => {
  const stored = [...steady(0, 20, 50, 40), ...steady(40_000, 20, 2, 1000), ...steady(90_000, 5, 2, 1000)];
  assertGaps(gapsOf(stored, 0, 100_000), [[80_000, 90_000]]);
});

test("pictures that last from 0.8 to 1.2 seconds leave no gaps; half a minute without any does", () => {
  const lasts = Array.from({ length: 200 }, (_, i) => 800 + ((i * 37) % 41) * 10);
  const before = Array.from({ length: 20 }, (_, i) => lasts.slice(5 * i, 5 * i + 5));
  const stored = fragments(0, ...before);
  const endMs = before.flat().reduce((sum, each) => sum + each, 0);
  const gaps = gapsOf([...stored, ...fragments(endMs + 30_000, ...before)], 0, 2 * endMs + 29_000);
  assert.deepEqual(gaps.map(({ fromMs, toMs }) => [Math.abs(fromMs - endMs) <= 200, toMs]), [[true, endMs + 30_000]]);
});

test("what is shorter than the least gap is none", () => {
  const stored = [...steady(0, 10, 10, 100), ...steady(10_300, 10, 10, 100)];
  assertGaps(gapsOf(stored, 0, 20_300), [[10_000, 10_300]]);
  assertGaps(gapsOf(stored, 0, 20_300, 400), []);
});

test("fragments that overlap, or lie in each other, are one stretch", () => {
  const stored = [...steady(0, 5, 10, 100), ...steady(2500, 5, 10, 100), ...steady(3000, 1, 5, 100)].sort((a, b) => a.startMs.producer - b.startMs.producer);
  const { stretches, gaps } = storedTime(stored, { clock: "producer", fromMs: 0, toMs: 7500 }, MIN_GAP_MS);
  assert.deepEqual([stretches, gaps], [[{ fromMs: 0, toMs: 7500, fragments: 11, bytes: 1100 }], []]);
});

test("a range cuts the fragments at its ends, and what is missing there is a gap", () => {
  const { stretches, gaps } = storedTime(steady(10_000, 10, 10, 100), { clock: "server", fromMs: 15_500, toMs: 30_000 }, MIN_GAP_MS);
  assert.deepEqual([stretches, gaps], [[{ fromMs: 15_500, toMs: 20_300, fragments: 5, bytes: 500 }], [{ fromMs: 20_300, toMs: 30_000 }]]);
});

test("nothing stored is one gap", () => {
  assert.deepEqual(storedTime([], { clock: "producer", fromMs: 5, toMs: 1000 }, MIN_GAP_MS), { stretches: [], gaps: [{ fromMs: 5, toMs: 1000 }], fragments: [] });
});
