import assert from "node:assert/strict";
import { test } from "node:test";
import { neededFor } from "../../src/media/needed.js";
import type { Sample } from "../../src/media/samples.js";

const CODING = { codec: "h265", nalLengthBytes: 4 } as const;
const sample = (index: number, sync = false): Sample => ({ data: Buffer.alloc(0), sync, index, ptsMs: index * 40 });

/** In decoding order. The second key picture is an open one: two pictures that are presented before it are decoded after it. */
const open = [sample(0, true), sample(2), sample(1), sample(5, true), sample(3), sample(4), sample(6)];

const needed = (wanted: number, samples: readonly Sample[] = open): number[] => neededFor(samples.find(({ index }) => index === wanted)!, samples, CODING).map(({ index }) => index);

test("a key picture needs nothing else", () => {
  assert.deepEqual(needed(0), [0]);
  assert.deepEqual(needed(5), [5]);
});

test("a picture needs what was decoded before it, from its key picture on", () => {
  assert.deepEqual(needed(2), [0, 2]);
  assert.deepEqual(needed(1), [0, 2, 1]);
  assert.deepEqual(needed(6), [5, 3, 4, 6]);
});

test("a picture presented before a key picture needs the one before that", () => {
  assert.deepEqual(needed(3), [0, 2, 1, 5, 3]);
  assert.deepEqual(needed(4), [0, 2, 1, 5, 3, 4]);
});

test("a picture without a key picture before it cannot be had", () => {
  assert.deepEqual(needed(3, open.slice(3)), []);
  assert.deepEqual(needed(2, open.slice(1)), []);
});
