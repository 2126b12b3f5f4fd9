import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelay, type RetryPolicy } from "../../src/core/retry.js";

const POLICY: RetryPolicy = { delayMs: 5000, maxDelayMs: 60_000, multiplier: 2, maxAttempts: 10 };
const MIDDLE = 0.5;

test("delays grow by the multiplier up to the longest", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 1000].map((failures) => retryDelay(POLICY, failures, MIDDLE)), [5000, 10_000, 20_000, 40_000, 54_000, 54_000, 54_000]);
});

test("jitter moves a delay from 80 to 120 %, and none beyond the longest", () => {
  assert.equal(retryDelay(POLICY, 1, 0), 4000);
  assert.equal(retryDelay(POLICY, 1, 0.75), 5500);
  assert.equal(retryDelay(POLICY, 9, 0), 48_000);
  assert.equal(Math.round(retryDelay(POLICY, 9, 1 - Number.EPSILON)), 60_000);
  assert.equal(retryDelay(POLICY, 9, 0.5), 54_000);
});

test("without a given random number, delays stay in range and differ", () => {
  const delays = Array.from({ length: 200 }, () => retryDelay(POLICY, 1));
  assert.ok(delays.every((delay) => delay >= 4000 && delay <= 6000));
  assert.ok(new Set(delays).size > 50);
});

test("no delay stays no delay after any number of failures", () => {
  for (const failures of [1, 2, 1024, 1_000_000]) assert.equal(retryDelay({ ...POLICY, delayMs: 0 }, failures, MIDDLE), 0);
});
