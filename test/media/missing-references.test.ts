import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FaultySample } from "../../src/media/faulty-sample.js";
import { withoutLacking, type FrameNumberSkips, type ReferencingPicture } from "../../src/media/missing-references.js";
import type { PictureKind } from "../../src/media/picture-kind.js";
import type { SequenceParameters } from "../../src/media/sps.js";
import type { SliceHeader } from "../../src/media/slice.js";

interface Parts {
  readonly frameNum?: number;
  readonly lsb?: number;
  readonly ms: number;
  readonly type?: "IDR" | "I" | "P" | "B";
  readonly references?: readonly number[];
  readonly emptyAhead?: readonly number[];
  readonly allowsGaps?: boolean;
}

const ORDER = { type: 0, maxFrameNumBits: 4, lsbBits: 8, isDeltaAlwaysZero: true, offsetForNonReference: 0, offsetForTopToBottom: 0, offsetsForReference: [] };

function picture(codec: "h264" | "h265", parts: Parts, index: number): ReferencingPicture {
  const { frameNum = 0, lsb = 0, ms, type = "P", references, emptyAhead = [], allowsGaps = false } = parts;
  const isReset = type === "IDR";
  const kind = { isReset, isRandomAccess: isReset || type === "I", isDisposable: type === "B", isSkippedLeading: false, frameNum, frameNumRange: codec === "h264" ? 16 : 1, orderLsb: lsb, orderRange: 256 };
  return {
    kind: kind as PictureKind,
    header: { frameNum, orderLsb: lsb, ...(references && { references }) } as SliceHeader,
    active: { sps: { order: codec === "h264" ? { ...ORDER, allowsGaps } : undefined } as SequenceParameters },
    sample: { index, ptsMs: ms },
    emptyAhead,
  };
}

const damage = (position: number, isDisposable = false): FaultySample => ({ index: 90 + position, position, fault: "cut", isDisposable });

/** Indexes of the pictures that are left, and index and position of what is missing. */
function checked(codec: "h264" | "h265", all: readonly Parts[], { faulty = [], skips = new Map() }: { faulty?: readonly FaultySample[]; skips?: FrameNumberSkips } = {}) {
  const result = withoutLacking({ pictures: all.map((parts, at) => picture(codec, parts, at)), faulty }, skips);
  return { left: result.pictures.map(({ sample }) => sample.index), missing: result.faulty.map(({ index, position }) => [index, position]), skips: result.skips };
}

/** Frame numbers, each picture 100 ms after the one before it, with a hole of one picture before those in `holes`. */
const inARow = (numbers: readonly number[], holes: readonly number[] = [], more: Partial<Parts> = {}): Parts[] =>
  numbers.map((frameNum, at) => ({ frameNum, ms: 100 * (at + holes.filter((hole) => hole <= at).length), ...(at === 0 && { type: "IDR" as const }), ...more }));

describe("missing references of H.264", () => {
  test("a frame number that is skipped where the times have a hole costs the picture after it", () => {
    assert.deepEqual(checked("h264", inARow([0, 1, 2, 4, 5, 6], [3])).missing, [[3, 3]]);
    assert.deepEqual(checked("h264", inARow([0, 1, 2, 4, 5, 6], [3])).left, [0, 1, 2, 4, 5]);
  });

  test("a number that is skipped with no hole in the times is the encoder's habit", () => {
    assert.deepEqual(checked("h264", inARow([0, 2, 3, 4, 5, 6])).missing, []);
  });

  test("a skip that the last fragment had at the same place is a habit, also beside a hole", () => {
    const { skips } = checked("h264", inARow([0, 2, 3, 4, 5, 6]));
    assert.deepEqual(skips, new Map([[1, 2]]));
    assert.deepEqual(checked("h264", inARow([0, 2, 3, 4, 5, 6], [1]), { skips }).missing, []);
    assert.deepEqual(checked("h264", inARow([0, 3, 4, 5, 6, 7], [1]), { skips }).missing, [[1, 1]]);
    assert.deepEqual(checked("h264", inARow([0, 1, 3, 4, 5, 6], [2]), { skips }).missing, [[2, 2]]);
  });

  test("an encoder that skips after most references counts in its own way", () => {
    assert.deepEqual(checked("h264", inARow([0, 2, 4, 6, 8, 10], [3])).missing, []);
  });

  test("numbers wrap, and may be skipped where the parameter set allows it", () => {
    assert.deepEqual(checked("h264", inARow([14, 15, 0, 1])).missing, []);
    assert.deepEqual(checked("h264", inARow([0, 1, 2, 4, 5, 6], [3], { allowsGaps: true })).missing, []);
  });

  test("a picture that none references counts no number", () => {
    const frames: Parts[] = [{ ms: 0, type: "IDR" }, { frameNum: 1, ms: 300 }, { frameNum: 2, ms: 100, type: "B" }, { frameNum: 2, ms: 200, type: "B" }, { frameNum: 2, ms: 600 }, { frameNum: 3, ms: 400, type: "B" }, { frameNum: 3, ms: 500, type: "B" }];
    assert.deepEqual(checked("h264", frames).missing, []);
    // The one after it lacks the reference too, as the loss ahead of it tells.
    assert.deepEqual(checked("h264", frames.filter((_, at) => at !== 1)).missing, [[1, 1]]);
  });

  test("a sample without a picture ahead of a skip has lost it", () => {
    const frames = inARow([0, 1, 3, 4]).map((each, at) => (at === 2 ? { ...each, emptyAhead: [77] } : each));
    assert.deepEqual(checked("h264", frames).missing, [[77, 2], [2, 2]]);
    assert.deepEqual(checked("h264", inARow([0, 1, 2, 3]).map((each, at) => (at === 2 ? { ...each, emptyAhead: [77] } : each))).missing, []);
  });

  test("behind a loss that is known nothing else is looked for", () => {
    assert.deepEqual(checked("h264", inARow([0, 1, 3, 4], [2]), { faulty: [damage(2)] }).missing, [[92, 2]]);
    assert.deepEqual(checked("h264", inARow([0, 1, 3, 4], [2]), { faulty: [damage(2, true)] }).missing, [[92, 2], [2, 2]]);
  });

  test("positions of other damage are those among the pictures that are left", () => {
    const { left, missing } = checked("h264", inARow([0, 1, 2, 4, 5, 6, 7, 8], [3]), { faulty: [damage(1, true), damage(6, true)] });
    assert.deepEqual(left, [0, 1, 2, 4, 5, 6, 7]);
    assert.deepEqual(missing, [[91, 1], [96, 5], [3, 3]]);
  });

  test("a random access point after a loss stays, and what is shown before it goes", () => {
    const frames: Parts[] = [{ ms: 0, type: "IDR" }, { frameNum: 1, ms: 100, lsb: 2 }, { frameNum: 3, ms: 500, lsb: 10, type: "I" }, { frameNum: 4, ms: 400, lsb: 8, type: "B" }, { frameNum: 4, ms: 600, lsb: 12 }];
    assert.deepEqual(checked("h264", frames), { left: [0, 1, 2, 4], missing: [[3, 3]], skips: new Map([[2, 2]]) });
  });
});

describe("missing references of H.265", () => {
  const frames: Parts[] = [
    { ms: 0, lsb: 0, type: "IDR" },
    { ms: 100, lsb: 1, references: [-1] },
    { ms: 200, lsb: 2, references: [-1, -2] },
    { ms: 300, lsb: 3, references: [-1, -3] },
    { ms: 400, lsb: 4, references: [-4] },
  ];

  test("a picture whose reference is there stays", () => {
    assert.deepEqual(checked("h265", frames).missing, []);
    assert.deepEqual(checked("h265", [{ ...frames[0]!, lsb: 255 }, { ms: 100, lsb: 0, references: [-1] }]).missing, []);
  });

  test("one whose reference never came goes, and so does what references that", () => {
    assert.deepEqual(checked("h265", frames.filter((_, at) => at !== 2)), { left: [0, 1, 3], missing: [[2, 2]], skips: new Map() });
    assert.deepEqual(checked("h265", frames.filter((_, at) => at !== 1)).left, [0, 3]);
  });

  test("before the first random access point nothing is known to be missing", () => {
    assert.deepEqual(checked("h265", frames.slice(1)).missing, []);
  });

  test("a set that could not be read says nothing", () => {
    assert.deepEqual(checked("h265", [frames[0]!, { ms: 100, lsb: 9 }]).missing, []);
  });
});
