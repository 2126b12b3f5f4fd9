import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FaultySample } from "../../src/media/faulty-sample.js";
import { withoutOverwritten, type NoisySamples } from "../../src/media/overwritten.js";

const picture = (index: number): { sample: { index: number }; emptyAhead: readonly number[]; lastIndex: number } => ({ sample: { index }, emptyAhead: [], lastIndex: index });
/** The sample of this index begins with noise, right after another. */
const noise = (index: number, mayBeginIn: number | undefined, position: number): FaultySample => ({ index, position, mayBeginIn, fault: "noise", isDisposable: false });

/** Indexes of what is left, and index and position of what is damaged. */
function checked(indexes: readonly number[], faulty: readonly FaultySample[], before: NoisySamples = new Map(), samples = 10) {
  const result = withoutOverwritten({ pictures: indexes.map(picture), faulty }, samples, before);
  return { left: result.pictures.map(({ sample }) => sample.index), damaged: result.faulty.map(({ index, position }) => [index, position]), noisy: result.noisy };
}

describe("overwritten bytes:", () => {
  test("the picture right ahead of a sample that begins with noise is damaged, in decoding order", () => {
    const { left, damaged } = checked([0, 3, 1], [noise(2, 1, 3)]);
    assert.deepEqual(left, [0, 3]);
    assert.deepEqual(damaged, [[2, 2], [1, 2]]);
  });

  test("of several samples in a row that begin with noise, only the first one costs the picture ahead", () => {
    const { left, damaged } = checked([0, 1, 4], [noise(2, 1, 2), noise(3, 2, 2)]);
    assert.deepEqual(left, [0, 4]);
    assert.deepEqual(damaged, [[2, 1], [3, 1], [1, 1]]);
  });

  test("other damage costs nothing ahead", () => {
    assert.deepEqual(checked([0, 1], [noise(2, undefined, 2)]).left, [0, 1]);
  });

  test("a sample ahead without a picture is let be", () => {
    assert.deepEqual(checked([0, 1], [noise(3, 2, 2)]).left, [0, 1]);
  });

  test("the third fragment in a row with noise in the same sample shows a camera that writes it", () => {
    const first = checked([0, 1], [noise(2, 1, 2)]);
    const second = checked([0, 1], [noise(2, 1, 2)], first.noisy);
    const third = checked([0, 1], [noise(2, 1, 2)], second.noisy);
    assert.deepEqual([first.left, second.left, third.left], [[0], [0], [0, 1]]);
    assert.deepEqual(checked([0, 1], [noise(2, 1, 2)], checked([0, 1], []).noisy).left, [0]);
  });

  test("a fragment of which less was read says nothing of the rest", () => {
    const before = checked([0, 1], [noise(2, 1, 2)]).noisy;
    assert.deepEqual(checked([0], [], before, 1).noisy, before);
  });
});
