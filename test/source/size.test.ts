import assert from "node:assert/strict";
import { test } from "node:test";
import { outputSize } from "../../src/source/size.js";

const SOURCE = { width: 1920, height: 1080 };

test("pictures keep their size when nothing is asked for", () => assert.deepEqual(outputSize(SOURCE, undefined), SOURCE));

test("both sides asked for are taken as they are", () => assert.deepEqual(outputSize(SOURCE, { width: 100, height: 100 }), { width: 100, height: 100 }));

test("the other side keeps the aspect ratio, rounded to whole pixels", () => {
  assert.deepEqual(outputSize(SOURCE, { width: 640 }), { width: 640, height: 360 });
  assert.deepEqual(outputSize(SOURCE, { height: 540 }), { width: 960, height: 540 });
  assert.deepEqual(outputSize(SOURCE, { width: 333 }), { width: 333, height: 187 });
  assert.deepEqual(outputSize({ width: 3840, height: 2 }, { width: 100 }), { width: 100, height: 1 });
});
