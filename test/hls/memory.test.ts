import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyMemory } from "../../src/hls/memory.js";

const MEBIBYTE = 2 ** 20;

test("the memory of a large body is used again for one that fits, and only once", () => {
  const memory = new BodyMemory();
  const first = memory.take(8 * MEBIBYTE);
  memory.giveBack(first.subarray(0, 100));
  const second = memory.take(5 * MEBIBYTE);
  assert.equal(second.buffer, first.buffer);
  assert.notEqual(memory.take(5 * MEBIBYTE).buffer, first.buffer);
});

test("memory that is too small for a body, or too small to be worth it, is not used again", () => {
  const memory = new BodyMemory();
  const small = memory.take(1000);
  memory.giveBack(small);
  assert.notEqual(memory.take(1000).buffer, small.buffer);
  const large = memory.take(5 * MEBIBYTE);
  memory.giveBack(large);
  const larger = memory.take(6 * MEBIBYTE);
  assert.ok(larger.length >= 6 * MEBIBYTE && larger.buffer !== large.buffer);
});
