import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../src/hls/pace.js";
import { failureOf } from "../helpers/http-reading.js";

/** When requests that are wanted at these times begin, milliseconds. */
const starts = (perSecond: number, wanted: readonly number[]): number[] => {
  const pace = new Pace(perSecond);
  return wanted.map((now) => now + pace.take(now));
};

test("who stays below the limit never waits", () => {
  const wanted = Array.from({ length: 100 }, (_, index) => index * 250);
  assert.deepEqual(starts(5, wanted), wanted);
  const bursts = wanted.map((_, index) => Math.floor(index / 5) * 1100);
  assert.deepEqual(starts(5, bursts), bursts);
});

test("in no second there are more than allowed, however many want to", () => {
  for (const perSecond of [1, 5, 10]) {
    const began = starts(perSecond, Array.from({ length: 60 }, (_, index) => index * 7));
    for (const start of began) assert.ok(began.filter((other) => other >= start && other <= start + 1000).length <= perSecond, began.join());
    assert.deepEqual(began, [...began].sort((a, b) => a - b), "each in its turn");
    assert.ok(began.at(-1)! <= (60 / perSecond) * 1100, "and none later than it must");
  }
});

test("a turn can be waited for, and the wait be ended with the signal's own reason", async () => {
  const pace = new Pace(1);
  const controller = new AbortController();
  await pace.turn(controller.signal);
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 20);
  const startedAt = performance.now();
  assert.equal(await failureOf(pace.turn(controller.signal)), reason);
  assert.equal(await failureOf(pace.turn(controller.signal)), reason);
  assert.ok(performance.now() - startedAt < 500);
});
