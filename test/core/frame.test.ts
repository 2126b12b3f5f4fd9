import assert from "node:assert/strict";
import { test } from "node:test";
import { frameBytes } from "../../src/core/frame.js";

test("a picture takes three bytes a pixel, or one in grey", () => {
  assert.equal(frameBytes("bgr24", 641, 481), 641 * 481 * 3);
  assert.equal(frameBytes("rgb24", 640, 480), 921_600);
  assert.equal(frameBytes("gray8", 641, 481), 641 * 481);
});

test("half-size colour planes are rounded up for odd sides", () => {
  assert.equal(frameBytes("yuv420p", 640, 480), 460_800);
  assert.equal(frameBytes("yuv420p", 3, 3), 9 + 2 * 4);
  assert.equal(frameBytes("yuv420p", 3, 2), 6 + 2 * 2);
  assert.equal(frameBytes("yuv420p", 1, 1), 1 + 2);
});
