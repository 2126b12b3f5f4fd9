import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { outputRanks, type OrderedPicture } from "../../src/media/picture-order.js";
import type { H264Order, SequenceParameters } from "../../src/media/sps.js";
import type { SliceHeader } from "../../src/media/slice.js";

const ORDER: H264Order = {
  ...{ type: 0, maxFrameNumBits: 4, lsbBits: 4, isDeltaAlwaysZero: true, allowsGaps: false },
  ...{ offsetForNonReference: 0, offsetForTopToBottom: 0, offsetsForReference: [] },
};
const SPS: SequenceParameters = {
  ...{ id: 0, width: 64, height: 48, chromaFormat: 1, hasSeparatePlanes: false, hasFramesOnly: true },
  ...{ lsbBits: 0, order: ORDER, reordering: undefined, buffering: [] },
  ...{ vuiFlagAt: undefined, restrictionFlagAt: undefined },
  vui: { pixelAspect: undefined, colour: undefined },
};
const HEADER: SliceHeader = {
  ...{ isIntra: false, field: undefined, frameNum: 0, orderLsb: 0, orderDeltas: [0, 0] },
  ...{ resetsOrder: false, isShown: true },
};

type Kind = "IDR" | "P" | "b";
type Picture = readonly [Kind, Partial<SliceHeader>];

/** Ranks of pictures that are IDR, references, or none (b). */
function ranks(pictures: readonly Picture[], order: Partial<H264Order> | "h265" = {}): number[] {
  const sps = order === "h265" ? { ...SPS, lsbBits: 4, order: undefined } : { ...SPS, order: { ...ORDER, ...order } };
  return outputRanks(
    pictures.map(([kind, header]): OrderedPicture => ({
      ...{ header: { ...HEADER, ...header }, sps },
      ...{ isReset: kind === "IDR", isReference: kind !== "b" },
    })),
  );
}

const lsb = (kind: Kind, orderLsb: number, more: Partial<SliceHeader> = {}): Picture => [kind, { orderLsb, ...more }];
const num = (kind: Kind, frameNum: number, more: Partial<SliceHeader> = {}): Picture => [kind, { frameNum, ...more }];
const RESET = { resetsOrder: true };

describe("output ranks: are by the lower part of the count when it is of type 0", () => {
  const cases: Readonly<Record<string, readonly [readonly Picture[], readonly number[]]>> = {
    "in order": [[lsb("IDR", 0), lsb("P", 2), lsb("P", 4)], [0, 1, 2]],
    "with B-frames": [[lsb("IDR", 0), lsb("P", 6), lsb("b", 2), lsb("b", 4)], [0, 3, 1, 2]],
    "with a pyramid of B-frames": [
      [lsb("IDR", 0), lsb("P", 8), lsb("P", 4), lsb("b", 2), lsb("b", 6)],
      [0, 4, 2, 1, 3],
    ],
    "over the end of its range": [
      [lsb("IDR", 0), lsb("P", 6), lsb("P", 12), lsb("P", 2), lsb("b", 14), lsb("b", 0), lsb("P", 8)],
      [0, 1, 2, 5, 3, 4, 6],
    ],
    "over the end of its range twice": [
      Array.from({ length: 20 }, (_, at) => lsb(at === 0 ? "IDR" : "P", (2 * at) % 16)),
      Array.from({ length: 20 }, (_, at) => at),
    ],
    "from the middle of a sequence": [
      [lsb("P", 14), lsb("P", 4), lsb("b", 0), lsb("b", 2), lsb("P", 10)],
      [0, 3, 1, 2, 4],
    ],
    "from a picture in the middle that precedes it": [
      [lsb("P", 2), lsb("b", 14), lsb("b", 0), lsb("P", 8)],
      [2, 0, 1, 3],
    ],
    "by the field that comes first": [
      [lsb("IDR", 0), lsb("P", 4, { orderDeltas: [-3, 0] }), lsb("P", 2, { orderDeltas: [1, 0] })],
      [0, 1, 2],
    ],
    "sequence by sequence": [
      [lsb("IDR", 0), lsb("P", 6), lsb("b", 4), lsb("IDR", 0), lsb("P", 4), lsb("b", 2)],
      [0, 2, 1, 3, 5, 4],
    ],
    "of a picture that resets the count": [
      [lsb("IDR", 0), lsb("P", 8), lsb("b", 4), lsb("P", 2, RESET), lsb("P", 4), lsb("b", 2)],
      [0, 2, 1, 3, 5, 4],
    ],
    "of pictures that say the same": [[lsb("IDR", 0), lsb("P", 0), lsb("P", 0)], [0, 1, 2]],
  };
  for (const [what, [pictures, wanted]] of Object.entries(cases)) {
    test(what, () => assert.deepEqual(ranks(pictures), wanted));
  }
});

describe("output ranks: are by the frame number when the count is of type 1", () => {
  const cycle = { type: 1, offsetsForReference: [4], offsetForNonReference: -2 };
  const cases: Readonly<
    Record<string, readonly [readonly Picture[], Partial<H264Order>, readonly number[]]>
  > = {
    "with B-frames": [
      ...([[num("IDR", 0), num("P", 1), num("b", 2), num("P", 2), num("b", 3)], cycle] as const),
      ...([[0, 2, 1, 4, 3]] as const),
    ],
    "over the end of its range": [
      ...([[num("IDR", 14), num("P", 15), num("b", 0), num("P", 0), num("b", 1)], cycle] as const),
      ...([[0, 2, 1, 4, 3]] as const),
    ],
    "with a cycle of several": [
      [num("IDR", 0), num("P", 1), num("P", 2), num("P", 3), num("P", 4)],
      { type: 1, offsetsForReference: [6, -2] },
      [0, 2, 1, 4, 3],
    ],
    "with differences of its own": [
      [num("IDR", 0), num("P", 1, { orderDeltas: [9, 0] }), num("P", 2), num("P", 3)],
      { ...cycle, isDeltaAlwaysZero: false },
      [0, 3, 1, 2],
    ],
    "without a cycle": [
      [num("IDR", 0), num("P", 1, { orderDeltas: [6, 0] }), num("b", 2, { orderDeltas: [4, 0] })],
      { type: 1, isDeltaAlwaysZero: false, offsetForNonReference: -1 },
      [0, 2, 1],
    ],
    "of a picture that resets the count": [
      [num("IDR", 0), num("P", 1), num("P", 2, RESET), num("P", 1), num("b", 2)],
      cycle,
      [0, 1, 2, 4, 3],
    ],
  };
  for (const [what, [pictures, order, wanted]] of Object.entries(cases)) {
    test(what, () => assert.deepEqual(ranks(pictures, order), wanted));
  }
});

test("output ranks: are those of decoding when the count is of type 2", () => {
  const pictures = [num("IDR", 0), num("b", 1), num("P", 1), num("P", 2)];
  assert.deepEqual(ranks(pictures, { type: 2 }), [0, 1, 2, 3]);
  const long = Array.from({ length: 40 }, (_, at) => num(at === 0 ? "IDR" : "P", at % 16));
  assert.deepEqual(ranks(long, { type: 2 }), long.map((_, at) => at));
  const reset = [num("IDR", 0), num("P", 9), num("P", 10, RESET), num("P", 1), num("IDR", 0)];
  assert.deepEqual(ranks(reset, { type: 2 }), [0, 1, 2, 3, 4]);
});

describe("output ranks: are by the lower part of the count in H.265", () => {
  const cases: Readonly<Record<string, readonly [readonly Picture[], readonly number[]]>> = {
    "with a pyramid of B-frames": [
      [lsb("IDR", 0), lsb("P", 4), lsb("b", 2), lsb("b", 1), lsb("b", 3)],
      [0, 4, 2, 1, 3],
    ],
    "with leading pictures at the beginning": [
      [lsb("P", 4), lsb("b", 2), lsb("b", 1), lsb("b", 3), lsb("P", 8)],
      [3, 1, 0, 2, 4],
    ],
    "over the end of its range": [
      [lsb("IDR", 0), lsb("P", 6), lsb("P", 12), lsb("P", 2), lsb("b", 15), lsb("b", 1)],
      [0, 1, 2, 5, 3, 4],
    ],
    "with leading pictures of an IDR picture": [
      [lsb("IDR", 0), lsb("P", 1), lsb("IDR", 0), lsb("b", 14), lsb("b", 15), lsb("P", 1)],
      [0, 1, 4, 2, 3, 5],
    ],
  };
  for (const [what, [pictures, wanted]] of Object.entries(cases)) {
    test(what, () => assert.deepEqual(ranks(pictures, "h265"), wanted));
  }
});

test("output ranks: are none when there is no picture", () => assert.deepEqual(ranks([]), []));
