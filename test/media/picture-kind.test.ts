import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { avcC, h264Picture, h264Sequence, h264Slice, nal, se, ue } from "../helpers/bits.js";
import { ParameterSets } from "../../src/media/parameter-sets.js";
import { kindOf, type KindContext, type PictureKind } from "../../src/media/picture-kind.js";
import { readH264Slice, type SliceHeader } from "../../src/media/slice.js";

type Context = Partial<Pick<KindContext, "sync" | "areFlagged" | "isFirst">>;

const sets = ParameterSets.of("h264", avcC(h264Sequence(), h264Picture()));
const context = { sync: false, areFlagged: false, isFirst: false };

function kindOfH264(slices: readonly Buffer[], more: Context = {}, ...ahead: readonly Buffer[]): PictureKind {
  const units = [...ahead, ...slices].map((bytes) => ({ type: (bytes[0] ?? 0) & 0x1f, bytes }));
  const [first = assert.fail()] = slices;
  const active = sets.activeFor({ type: (first[0] ?? 0) & 0x1f, bytes: first }) ?? assert.fail();
  const header = readH264Slice(first, active.sps, active.pps);
  return kindOf(units, { codec: "h264", header, sps: active.sps, ...context, ...more });
}

const recovery = (count: number): Buffer => nal([0x06, 6, 1], `${ue(count)}1001`.padEnd(8, "0") + "10000000");
const IDR = h264Slice({ type: "I", isIdr: true });
const I = h264Slice({ type: "I", frameNum: 3 });
const P = h264Slice({ frameNum: 3 });
const startsOf = (kind: PictureKind): readonly unknown[] => [kind.isReset, kind.standsAlone, kind.isRandomAccess];

describe("picture kind: decoding of H.264 can begin", () => {
  test("with an IDR picture, behind its parameter sets", () => {
    assert.deepEqual(startsOf(kindOfH264([IDR], {}, h264Sequence(), h264Picture())), [true, true, true]);
  });

  test("with an I picture that its flags or its place say is a key frame", () => {
    assert.deepEqual(startsOf(kindOfH264([I])), [false, true, false]);
    assert.deepEqual(startsOf(kindOfH264([I], { sync: true })), [false, true, true]);
    assert.deepEqual(startsOf(kindOfH264([I], { isFirst: true })), [false, true, true]);
  });

  test("with an I picture that says so itself", () => {
    assert.deepEqual(startsOf(kindOfH264([I], {}, recovery(0))), [false, true, true]);
  });

  test("with no I picture that is flagged like all others", () => {
    assert.deepEqual(startsOf(kindOfH264([I], { sync: true, areFlagged: true })), [false, true, false]);
  });

  test("with no picture that references others, whatever its flags say", () => {
    const all = { sync: true, isFirst: true };
    assert.deepEqual(startsOf(kindOfH264([P], all, recovery(0))), [false, false, false]);
    assert.deepEqual(startsOf(kindOfH264([I, P], all, recovery(0))), [false, false, false]);
  });

  test("with a gradual refresh, which is right later", () => {
    assert.equal(kindOfH264([P], {}, recovery(9)).recoversAfter, 9);
    assert.equal(kindOfH264([P], {}, recovery(0)).recoversAfter, 0);
    assert.equal(kindOfH264([P]).recoversAfter, undefined);
    assert.equal(kindOfH264([IDR], {}, recovery(0)).recoversAfter, undefined);
  });
});

test("picture kind: of H.264 says whether others reference it, and its frame number", () => {
  const kind = kindOfH264([P]);
  assert.deepEqual([kind.isDisposable, kind.countsForOrder], [false, true]);
  assert.deepEqual([kind.frameNum, kind.frameNumRange], [3, 16]);
  const other = kindOfH264([h264Slice({ type: "B", isReference: false, frameNum: 4 })]);
  assert.deepEqual([other.isDisposable, other.countsForOrder, other.frameNum], [true, false, 4]);
});

const HEADER: SliceHeader = {
  ...{ isIntra: false, field: undefined, frameNum: 0, orderLsb: 5, orderDeltas: [0, 0] },
  ...{ resetsOrder: false, isShown: true },
};

function kindOfH265(type: number, layer = 0, ...ahead: readonly Buffer[]): PictureKind {
  const bytes = Buffer.from([type << 1, layer + 1, 0xd0]);
  const units = [...ahead, bytes].map((unit) => ({ type: ((unit[0] ?? 0) >> 1) & 0x3f, bytes: unit }));
  const { sps } = sets.activeFor({ type: 5, bytes: IDR }) ?? assert.fail();
  return kindOf(units, { codec: "h265", header: HEADER, sps: { ...sps, order: undefined, lsbBits: 8 }, ...context });
}

describe("picture kind: of H.265 is that of its type", () => {
  const BLA = [16, 17, 18];
  const IDRS = [19, 20];
  const CRA = 21;
  const RADL = [6, 7];
  const RASL = [8, 9];
  const TRAILING = [0, 1, 2, 3, 4, 5];
  const all = [...TRAILING, ...RADL, ...RASL, ...BLA, ...IDRS, CRA];
  const typesWith = (is: (kind: PictureKind) => boolean): number[] => all.filter((type) => is(kindOfH265(type)));

  test("where decoding can begin", () => {
    assert.deepEqual(typesWith(({ isRandomAccess }) => isRandomAccess), [...BLA, ...IDRS, CRA]);
    assert.deepEqual(typesWith(({ standsAlone }) => standsAlone), [...BLA, ...IDRS, CRA]);
    assert.deepEqual(typesWith(({ isReset }) => isReset), [...BLA, ...IDRS]);
  });

  test("where pictures lead", () => {
    assert.deepEqual(typesWith(({ isSkippedLeading }) => isSkippedLeading), RASL);
    assert.deepEqual(typesWith(({ isDecodableLeading }) => isDecodableLeading), RADL);
  });

  test("where none of its layer references it", () => {
    assert.deepEqual(typesWith(({ isDisposable }) => isDisposable), [0, 2, 4, 6, 8]);
  });

  test("where the order of others counts from it", () => {
    assert.deepEqual(typesWith(({ countsForOrder }) => countsForOrder), [1, 3, 5, ...BLA, ...IDRS, CRA]);
    assert.equal(kindOfH265(1, 1).countsForOrder, false);
  });

  test("with its temporal layer and its place", () => {
    assert.deepEqual([kindOfH265(1, 2).layer, kindOfH265(1).layer], [2, 0]);
    assert.deepEqual([kindOfH265(1).orderLsb, kindOfH265(1).orderRange], [5, 256]);
  });

  test("with a gradual refresh where it says so", () => {
    const recoveryPoint = nal([0x4e, 1, 6, 1], `${se(4)}11`.padEnd(8, "0") + "10000000");
    assert.equal(kindOfH265(1, 0, recoveryPoint).recoversAfter, 4);
    assert.equal(kindOfH265(CRA, 0, recoveryPoint).recoversAfter, undefined);
  });
});
