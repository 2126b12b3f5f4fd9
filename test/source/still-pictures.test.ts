import assert from "node:assert/strict";
import { test } from "node:test";
import { ParameterSets } from "../../src/media/parameter-sets.js";
import type { ReadPictures } from "../../src/media/pictures.js";
import { picturesFor } from "../../src/source/still-pictures.js";
import { OPEN, picturesLike, RESET, type PictureParts } from "../helpers/coded.js";

const BEGIN = { sets: ParameterSets.of("h264", Buffer.alloc(0)), leftOver: [], last: undefined, skips: new Map<number, number>(), noisy: new Map<number, number>() };
const p = (order: number, more: Partial<PictureParts> = {}): PictureParts => ({ order, ...more });
const read = (parts: readonly PictureParts[]): ReadPictures =>
  ({ pictures: picturesLike(parts), faulty: [], unshown: new Set(), empty: 0, begin: BEGIN });

/** Output orders of what is needed for one, out of the last of some fragments, and how many of these were read. */
async function needed(index: number, ...fragments: readonly (readonly PictureParts[])[]): Promise<unknown> {
  const reads = fragments.map(read);
  const last = reads.pop() ?? assert.fail();
  const found = await picturesFor(index, last, () => Promise.resolve(reads.pop()));
  if (found !== undefined) assert.equal(found.needed[found.place]?.index, index);
  return found === undefined ? undefined : [found.needed.map(({ order }) => order), fragments.length - reads.length];
}

/** In decoding order. The second key frame is an open one: two pictures that are shown before it are decoded after it. */
const group = [p(0, RESET), p(2), p(1), p(5, OPEN), p(3), p(4), p(6)];

test("still pictures: a key frame needs nothing else", async () => {
  assert.deepEqual(await needed(0, group), [[0], 1]);
  assert.deepEqual(await needed(5, group), [[5], 1]);
});

test("still pictures: one needs what is decoded before it, from its key frame on", async () => {
  assert.deepEqual(await needed(2, group), [[0, 2], 1]);
  assert.deepEqual(await needed(1, group), [[0, 2, 1], 1]);
  assert.deepEqual(await needed(6, group), [[5, 3, 4, 6], 1]);
});

test("still pictures: one shown before a key frame needs the key frame before that", async () => {
  assert.deepEqual(await needed(3, group), [[0, 2, 1, 5, 3], 1]);
  assert.deepEqual(await needed(4, group), [[0, 2, 1, 5, 3, 4], 1]);
});

test("still pictures: one without a key frame before it cannot be had", async () => {
  assert.equal(await needed(1, [p(0), p(1)]), undefined);
  assert.equal(await needed(0, [p(1, OPEN), p(0)]), undefined);
});

test("still pictures: what is missing is read from the fragments before", async () => {
  const open = [p(1, OPEN), p(0), p(2)];
  assert.deepEqual(await needed(0, [p(0, RESET)], open), [[0, 1, 0], 2]);
  assert.deepEqual(await needed(2, [p(0, RESET)], open), [[1, 2], 1]);
  assert.deepEqual(await needed(0, [p(0, RESET)], [p(0)], [p(0)]), [[0, 0, 0], 3]);
});

test("still pictures: no more than some fragments are read for one", async () => {
  let reads = 0;
  const previous = (): Promise<ReadPictures> => Promise.resolve((reads += 1, read([p(0)])));
  assert.equal(await picturesFor(0, read([p(0)]), previous), undefined);
  assert.ok(reads <= 10, `${reads} were read`);
});
