import assert from "node:assert/strict";
import { test } from "node:test";
import { reloadDelay } from "../../src/hls/schedule.js";

const NOW = 1_795_342_500_000;
const SHORTEST_MS = 250;

test("after a new fragment, the next load is due shortly before the next one is", () => {
  assert.equal(reloadDelay({ newestSeenAt: NOW, newestDurationMs: 2000, unchangedLoads: 0 }, NOW), 1900);
  assert.equal(reloadDelay({ newestSeenAt: NOW, newestDurationMs: 10_000, unchangedLoads: 0 }, NOW), 9900);
});

test("time spent on fetching and decoding counts, so the beat does not drift", () => {
  assert.equal(reloadDelay({ newestSeenAt: NOW - 700, newestDurationMs: 2000, unchangedLoads: 0 }, NOW), 1200);
});

test("around the time that a fragment is due, loads follow each other tightly", () => {
  for (const unchangedLoads of [0, 1, 4, 8]) assert.equal(reloadDelay({ newestSeenAt: NOW - 2100, newestDurationMs: 2000, unchangedLoads }, NOW), SHORTEST_MS);
});

test("a fragment that stays away is asked for ever less, but at least every two seconds", () => {
  const delays = Array.from({ length: 40 }, (_, unchangedLoads) => reloadDelay({ newestSeenAt: NOW - 60_000, newestDurationMs: 2000, unchangedLoads }, NOW));
  for (const [load, delay] of delays.entries()) assert.ok(delay >= (delays[load - 1] ?? 0), `load ${load}`);
  assert.equal(delays.at(-1), 2000);
  assert.ok(new Set(delays).size > 5);
});

test("when the rhythm is not known yet, loads are half a second apart", () => {
  assert.equal(reloadDelay({ newestSeenAt: undefined, newestDurationMs: 2000, unchangedLoads: 0 }, NOW), 500);
});

test("no state whatever asks more than four times a second, or waits for no number of milliseconds", () => {
  for (const newestSeenAt of [undefined, NOW - 1e9, NOW - 2000, NOW - 1, NOW, NOW + 1000])
    for (const newestDurationMs of [0, 1, 33, 250, 2000, 60_000])
      for (const unchangedLoads of [0, 1, 8, 9, 100, 1e6]) {
        const delay = reloadDelay({ newestSeenAt, newestDurationMs, unchangedLoads }, NOW);
        assert.ok(delay >= SHORTEST_MS && Number.isFinite(delay), `${newestSeenAt} ${newestDurationMs} ${unchangedLoads}: ${delay}`);
      }
});

test("a length that cannot be true does not put us to sleep for hours", () => {
  assert.ok(reloadDelay({ newestSeenAt: NOW, newestDurationMs: 86_400_000, unchangedLoads: 0 }, NOW) <= 30_000);
});
