import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { tryReadPicture, type PictureParameters } from "../../src/media/pps.js";
import { isIntraSlice, readH264Slice, readH265Slice } from "../../src/media/slice.js";
import { readSequence, type SequenceParameters } from "../../src/media/sps.js";
import { h264Picture, h264Sequence, h264Slice, nal, se, u, ue } from "../helpers/bits.js";

const sps = readSequence("h264", h264Sequence());
const pps = tryReadPicture("h264", h264Picture()) ?? assert.fail();
const read = (bytes: Buffer, over: Partial<SequenceParameters> = {}, more: Partial<PictureParameters> = {}) =>
  readH264Slice(bytes, { ...sps, ...over }, { ...pps, ...more });

describe("slice: of H.264", () => {
  test("says its type, frame number and order", () => {
    for (const [type, isIntra] of [["P", false], ["B", false], ["I", true]] as const) {
      const bytes = h264Slice({ type, frameNum: 9, lsb: 200 });
      const header = read(bytes);
      assert.deepEqual([header.isIntra, header.frameNum, header.orderLsb], [isIntra, 9, 200]);
      assert.equal(isIntraSlice(bytes), isIntra);
    }
    const idr = read(h264Slice({ type: "I", isIdr: true, lsb: 7 }));
    assert.deepEqual([idr.isIntra, idr.orderLsb, idr.resetsOrder], [true, 7, false]);
  });

  test("says which field it is", () => {
    const fields = ["0", "10", "11"].map((field) => read(h264Slice({ field, lsb: 6 }), { hasFramesOnly: false }));
    assert.deepEqual(fields.map(({ field }) => field), [undefined, "top", "bottom"]);
    assert.deepEqual(fields.map(({ orderLsb }) => orderLsb), [6, 6, 6]);
  });

  test("says that it resets the order", () => {
    const resets = (marking: string, more = {}): boolean => read(h264Slice({ marking, ...more })).resetsOrder;
    assert.equal(resets("0"), false);
    assert.equal(resets(`1${ue(5)}${ue(0)}`), true);
    assert.equal(resets(`1${ue(1)}${ue(7)}${ue(3)}${ue(5)}${ue(5)}${ue(5)}${ue(0)}`), true);
    assert.equal(resets(`1${ue(1)}${ue(5)}${ue(4)}${ue(5)}${ue(0)}`), false);
    for (const type of ["I", "B"] as const) assert.equal(resets(`1${ue(5)}${ue(0)}`, { type }), true);
    assert.equal(resets(`1${ue(5)}${ue(0)}`, { isReference: false }), false);
  });

  test("says so behind lists and weights", () => {
    const head = `${ue(0)}${ue(0)}${ue(0)}${u(4, 1)}${u(8, 2)}`;
    const lists = `1${ue(1)}1${ue(0)}${ue(4)}${ue(3)}`;
    const weights = `${ue(5)}${ue(5)}1${se(3)}${se(-2)}1${se(1)}${se(2)}${se(3)}${se(4)}00`;
    const marking = `1${ue(5)}${ue(0)}`;
    assert.equal(read(nal([0x61], `${head}${lists}${weights}${marking}1`), {}, { isWeighted: true }).resetsOrder, true);
    assert.equal(read(nal([0x61], `${head}${lists}${marking}1`)).resetsOrder, true);
  });

  test("says no reset where its header is cut behind its order", () => {
    const whole = nal([0x61], `${ue(0)}${ue(0)}${ue(0)}${u(4, 1)}${u(8, 2)}`);
    assert.deepEqual([read(whole).resetsOrder, read(whole).orderLsb], [false, 2]);
  });

  test("is refused where its header is cut before", () => {
    const whole = h264Slice({ frameNum: 3 });
    for (const length of [0, 1, 2]) assert.throws(() => read(whole.subarray(0, length)), RangeError);
  });

  test("has differences of its order in types 0 and 1", () => {
    const head = `${ue(0)}${ue(2)}${ue(0)}${u(4, 1)}`;
    const bottom = read(nal([0x61], `${head}${u(8, 4)}${se(-3)}01`), {}, { hasFieldOrder: true });
    assert.deepEqual(bottom.orderDeltas, [-3, 0]);
    const order = { ...(sps.order ?? assert.fail()), type: 1, isDeltaAlwaysZero: false };
    const bytes = nal([0x61], `${head}${se(5)}${se(-2)}01`);
    assert.deepEqual(read(bytes, { order }, { hasFieldOrder: true }).orderDeltas, [5, -2]);
    assert.deepEqual(read(bytes, { order }).orderDeltas, [5, 0]);
    assert.deepEqual(read(bytes, { order: { ...order, isDeltaAlwaysZero: true } }).orderDeltas, [0, 0]);
  });

  test("ends for whatever bytes it has", () => {
    for (const fill of [0x00, 0xff, 0x55, 0xaa, 0x92]) {
      try {
        const header = read(Buffer.alloc(100_000, fill));
        assert.ok(Number.isFinite(header.orderLsb));
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }
  });
});

describe("slice: of H.265", () => {
  const h265 = { ...sps, order: undefined, lsbBits: 8 };
  const readAs = (type: number, bits: string, more: Partial<PictureParameters> = {}) =>
    readH265Slice(nal([type << 1, 1], bits), type, h265, { ...pps, hasOutputFlag: false, extraSliceBits: 0, ...more });

  test("says its type and order", () => {
    assert.deepEqual([2, 1, 0].map((type) => readAs(1, `1${ue(0)}${ue(type)}${u(8, 77)}1`).isIntra), [true, false, false]);
    assert.equal(readAs(1, `1${ue(0)}${ue(0)}${u(8, 77)}1`).orderLsb, 77);
    assert.equal(readAs(21, `10${ue(0)}${ue(2)}${u(8, 78)}1`).orderLsb, 78);
    assert.equal(readAs(19, `10${ue(0)}${ue(2)}${u(8, 79)}1`).orderLsb, 0);
  });

  test("says whether it is shown", () => {
    const isShown = (flag: string) => readAs(1, `1${ue(0)}${ue(0)}${flag}${u(8, 77)}1`, { hasOutputFlag: flag !== "" }).isShown;
    assert.deepEqual(["", "1", "0"].map(isShown), [true, true, false]);
  });

  test("has reserved bits ahead of its type", () => {
    const header = readAs(1, `1${ue(0)}101${ue(2)}${u(8, 9)}1`, { extraSliceBits: 3 });
    assert.deepEqual([header.isIntra, header.orderLsb], [true, 9]);
  });

  test("is refused where its header is cut", () => {
    assert.throws(() => readAs(1, `1${ue(0)}`), RangeError);
  });
});
