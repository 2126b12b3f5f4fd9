import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readAccessUnit } from "../../src/media/access-unit.js";
import type { Coding } from "../../src/media/nal.js";
import { sampleOf } from "../helpers/bits.js";

type Unit = readonly number[];

const H264: Coding = { codec: "h264", nalLengthBytes: 4 };
const H265: Coding = { codec: "h265", nalLengthBytes: 4 };
const SLICES: Readonly<Record<Coding["codec"], Unit>> = {
  h264: [0x41, 0x9a, 0xff],
  h265: [0x02, 0x01, 0xd0],
};
const [S4, S5] = [SLICES.h264, SLICES.h265];
const SPS: Unit = [0x67, 0x4d, 0x40];
const withZeros = (...parts: readonly (Buffer | Unit)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));
const code = (unit: Unit, zeros = 3): Unit => [...Array<number>(zeros).fill(0), 1, ...unit];
const sized = (nalLengthBytes: number, coding = H264): Coding => ({ ...coding, nalLengthBytes });

/** What is in a sample, the units that are left of it, and whether it can be passed on as it is. */
const TAKEN: Readonly<Record<string, readonly [Coding, Buffer, readonly Unit[], isPlain: boolean]>> = {
  "a slice alone": [H264, sampleOf([S4]), [S4], true],
  "several slices, the further ones from anywhere": [
    ...([H264, sampleOf([S4, [0x41, 0x05], [0x41, 0x5a]])] as const),
    ...([[S4, [0x41, 0x05], [0x41, 0x5a]], true] as const),
  ],
  "an end of sequence and of stream": [
    ...([H264, sampleOf([S4, [0x0a], [0x0b]]), [S4, [0x0a], [0x0b]], true] as const),
  ],
  "an end of sequence and of stream in H.265": [
    ...([H265, sampleOf([S5, [0x48, 1], [0x4a, 1]]), [S5, [0x48, 1], [0x4a, 1]], true] as const),
  ],
  "no slice": [H264, sampleOf([SPS, [0x06, 5, 1]]), [SPS, [0x06, 5, 1]], true],
  "nothing at all": [H264, Buffer.alloc(0), [], true],
  "lengths of one byte": [sized(1), sampleOf([S4, S4], 1), [S4, S4], false],
  "lengths of two bytes": [sized(2, H265), sampleOf([S5, S5], 2), [S5, S5], false],
  "lengths of three bytes": [sized(3), sampleOf([S4], 3), [S4], false],
  "an unspecified type": [H264, sampleOf([[0x1e, 1], S4]), [S4], false],
  "type 0": [H264, sampleOf([S4, [0x40, 1]]), [S4], false],
  "a reserved type": [H264, sampleOf([[0x16, 1], S4]), [S4], false],
  "slices of an extension": [H264, sampleOf([S4, [0x74, 0xc0, 0, 7, 0x9a]]), [S4], false],
  "an unspecified type in H.265, as Dolby Vision has it": [
    ...([H265, sampleOf([S5, [0x7c, 1, 1], [0x7e, 1, 1]]), [S5], false] as const),
  ],
  "a reserved type in H.265": [H265, sampleOf([[0x2c, 1, 0xd0], S5]), [S5], false],
  "the forbidden bit": [H264, sampleOf([[0xc1, 0x9a], S4]), [S4], false],
  "the forbidden bit in H.265": [H265, sampleOf([S5, [0x82, 1, 0xd0]]), [S5], false],
  "no temporal id": [H265, sampleOf([[0x02, 0, 0xd0], S5]), [S5], false],
  "another layer": [H265, sampleOf([S5, [0x02, 0x09, 0x50]]), [S5], false],
  "a high layer": [H265, sampleOf([[0x03, 0x01, 0xd0], S5]), [S5], false],
  "a unit shorter than its header": [H265, sampleOf([S5, [2]]), [S5], false],
  "an empty unit": [H264, sampleOf([[], S4, []]), [S4], false],
  "stray zeros": [H264, withZeros(sampleOf([S4]), Buffer.alloc(11)), [S4], false],
  "fewer stray bytes than a length": [H264, withZeros(sampleOf([S4]), [9, 9, 9]), [S4], false],
  "start codes in place of lengths": [H264, withZeros(code(SPS), code(S4)), [SPS, S4], false],
  "short start codes": [H264, withZeros(code(SPS, 2), code(S4, 2)), [SPS, S4], false],
  "start codes in H.265, with zeros before them": [
    ...([H265, withZeros(code([0x46, 1, 0x50]), [0, 0], code(S5), [0, 0]), [[0x46, 1, 0x50], S5], false] as const),
  ],
  "start codes behind lengths": [
    ...([H264, withZeros(sampleOf([SPS]), code(S4)), [SPS, S4], false] as const),
  ],
  "a unit that holds several": [
    ...([H264, sampleOf([[...SPS, ...code(S4), ...code([0x41, 0x05])]]), [SPS, S4, [0x41, 0x05]], false] as const),
  ],
  "a length that looks like a start code": [
    ...([H264, sampleOf([[0x06, ...Array<number>(255).fill(7)], S4]), [[0x06, ...Array<number>(255).fill(7)], S4], true] as const),
  ],
};

describe("access unit: is read when a sample holds", () => {
  for (const [what, [coding, data, units, isPlain]] of Object.entries(TAKEN)) {
    test(what, () => {
      const read = readAccessUnit(data, coding);
      assert.equal(read.fault, undefined);
      assert.deepEqual(read.units.map(({ bytes }) => [...bytes]), units);
      assert.equal(read.isPlain, isPlain);
    });
  }

  test("slices of every type from 0 to 9", () => {
    // 1, then slice_type as ue(v), then ones
    for (const head of [0xff, 0xbf, 0xdf, 0xa7, 0xaf, 0xb7, 0x97, 0x88, 0x89, 0x8a]) {
      assert.equal(readAccessUnit(sampleOf([[0x41, head]]), H264).fault, undefined);
    }
  });
});

/** What is in a sample, what is wrong with it, and how many units are left of it. */
const FAULTS: Readonly<Record<string, readonly [Coding, Buffer, RegExp, left: number]>> = {
  "a unit longer than the sample": [
    ...([H264, withZeros(sampleOf([S4]), [0, 0, 0, 9, 0x41])] as const),
    ...([/^a NAL unit at 7 of 9 bytes, which does not fit its 12 bytes$/, 1] as const),
  ],
  "a first unit longer than the sample": [
    ...([H264, Buffer.from([0, 0, 0, 9, 0x41]), /^a NAL unit at 0 of 9 bytes, which/, 0] as const),
  ],
  "a length beyond all bounds": [
    ...([H264, withZeros(sampleOf([S4]), [0xff, 0xff, 0xff, 0xff]), /at 7 of 4294967295 bytes/, 1] as const),
  ],
  "no more than a part of a length": [H264, Buffer.from([9, 9]), /^2 stray bytes at 0$/, 0],
  "a picture that begins at another macroblock": [
    ...([H264, sampleOf([[0x41, 0x5a]]), /^a slice that begins its picture elsewhere/, 1] as const),
  ],
  "a picture that begins with another segment": [
    ...([H265, sampleOf([[0x02, 1, 0x50]]), /^a slice that begins its picture with another segment/, 1] as const),
  ],
  "a slice of type 10": [H264, sampleOf([[0x41, 0x8b]]), /^a slice of no type from 0 to 9$/, 1],
  "a slice of a type beyond": [H264, sampleOf([[0x41, 0x84]]), /^a slice of no type/, 1],
  "a slice without a header": [H264, sampleOf([[0x41]]), /^a slice that begins its picture/, 1],
};

describe("access unit: is faulty when a sample holds", () => {
  for (const [what, [coding, data, why, left]] of Object.entries(FAULTS)) {
    test(what, () => {
      const { fault, units } = readAccessUnit(data, coding);
      assert.match(fault ?? "none", why);
      assert.equal(units.length, left);
    });
  }
});

describe("access unit: begins with noise", () => {
  const noise = Buffer.from([0x9a, 0x3f, 0x11, 0x07, 0x41, 0x9a, 0x22, 0x33, 0x44]);
  const zeroed = Buffer.concat([Buffer.alloc(10), noise]);
  const cases: readonly (readonly [what: string, data: Buffer, expected: boolean])[] = [
    ["when its first length makes no sense", noise, true],
    ["when zeros stand in the place of its beginning", zeroed, true],
    ["when it is nothing but zeros, and as long as a picture", Buffer.alloc(16), true],
    ["not when a few zeros are all it holds", Buffer.alloc(15), false],
    ["not when it is whole", sampleOf([S4]), false],
    ["not when it is cut short", sampleOf([S4]).subarray(0, -1), false],
    ["not when noise comes behind a unit", Buffer.concat([sampleOf([[9, 0xf0]]), noise]), false],
  ];
  for (const [what, data, expected] of cases) test(what, () => assert.equal(readAccessUnit(data, H264).beginsWithNoise, expected));
});

test("access unit: is read in no time when a sample is nothing but start codes or empty units", () => {
  for (const piece of [[0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1, 9]]) {
    const startedAt = performance.now();
    readAccessUnit(Buffer.alloc(4 * 2 ** 20, Buffer.from(piece)), H264);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 3000, `${piece.join()}: ${Math.round(tookMs)} ms`);
  }
});
