import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readInitSegment } from "../../src/media/init.js";
import { ParameterSets, setsIn, spsOf } from "../../src/media/parameter-sets.js";
import { avcC, h264Picture, h264Sequence, h264Slice } from "../helpers/bits.js";
import { makeClip } from "../helpers/clip.js";

const [SPS, PPS] = [h264Sequence(), h264Picture()];
const unit = (bytes: Buffer) => ({ type: (bytes[0] ?? 0) & 0x1f, bytes });
const slice = unit(h264Slice());
const setsOf = (...sets: readonly Buffer[]): ParameterSets => ParameterSets.of("h264", avcC(...sets));
const bytesOf = (sets: ParameterSets): Buffer[] => sets.units.map(({ bytes }) => bytes);

describe("parameter sets: of a codec's own box", () => {
  test("are all of it, in its order", () => {
    const more = [h264Sequence({ id: 1 }), h264Picture(1, 1)];
    const read = setsIn("h264", avcC(SPS, PPS, ...more)).map(({ bytes }) => bytes);
    assert.deepEqual(read, [SPS, more[0], PPS, more[1]]);
  });

  test("are those of H.265 too", async () => {
    const clip = await makeClip({ codec: "libx265", frames: 2 });
    const configuration = Buffer.from(readInitSegment(clip.init).configuration, "base64");
    // Others in it, as SEI of the encoder, are left out.
    assert.deepEqual(setsIn("h265", configuration).map(({ type }) => type), [32, 33, 34]);
    assert.deepEqual(spsOf("h265", configuration), setsIn("h265", configuration)[1]?.bytes);
    for (let length = 0; length < configuration.length; length++) {
      const cut = setsIn("h265", configuration.subarray(0, length));
      assert.ok(cut.length <= 3);
    }
  });

  test("are those that are whole where it is cut", () => {
    const box = avcC(SPS, PPS);
    for (let length = 0; length < box.length; length++) {
      const read = setsIn("h264", box.subarray(0, length)).map(({ bytes }) => bytes);
      assert.deepEqual(read, [SPS].slice(0, length >= 8 + SPS.length ? 1 : 0));
    }
    assert.equal(spsOf("h264", Buffer.alloc(0)), undefined);
  });

  test("are not more than its bytes, whatever it claims", () => {
    assert.ok(setsIn("h264", Buffer.alloc(100, 0xff)).length <= 1);
    assert.ok(setsIn("h265", Buffer.alloc(100, 0xff)).length <= 1);
    assert.deepEqual(setsIn("h264", Buffer.alloc(100)), []);
  });
});

describe("parameter sets:", () => {
  test("a slice goes by the picture set that it names, and the sequence set that this names", () => {
    const wide = h264Sequence({ id: 3, columns: 8 });
    const sets = setsOf(SPS, wide, PPS, h264Picture(5, 3));
    assert.equal(sets.activeFor(slice)?.sps.width, 64);
    const active = sets.activeFor(unit(h264Slice({ pictureId: 5 })));
    assert.deepEqual([active?.sps.width, active?.pps.id, active?.nal], [128, 5, wide]);
  });

  test("a slice whose sets have not come goes by none", () => {
    assert.equal(setsOf().activeFor(slice), undefined);
    assert.equal(setsOf(SPS).activeFor(slice), undefined);
    assert.equal(setsOf(PPS).activeFor(slice), undefined);
    assert.equal(setsOf(SPS, PPS).activeFor(unit(h264Slice({ pictureId: 1 }))), undefined);
    assert.equal(setsOf(SPS, PPS).activeFor(unit(Buffer.from([0x41]))), undefined);
  });

  test("a later set of the same number takes the place of the earlier", () => {
    let sets = setsOf(SPS, PPS);
    const wide = h264Sequence({ columns: 8 });
    sets = sets.with(unit(wide));
    assert.equal(sets.activeFor(slice)?.sps.width, 128);
    assert.deepEqual(bytesOf(sets), [wide, PPS]);
    sets = sets.with(unit(SPS));
    assert.equal(sets.activeFor(slice)?.sps.width, 64);
    assert.deepEqual(bytesOf(sets), [SPS, PPS]);
  });

  test("they are told in the order in which decoders need them", () => {
    let sets = setsOf();
    for (const bytes of [PPS, SPS, h264Picture(1), h264Sequence({ id: 1 })]) sets = sets.with(unit(bytes));
    assert.deepEqual(sets.units.map(({ type }) => type), [7, 7, 8, 8]);
  });

  test("one that comes again is not kept twice", () => {
    let sets = setsOf(SPS, PPS);
    for (let times = 0; times < 3; times++) sets = sets.with(unit(SPS));
    assert.deepEqual(bytesOf(sets), [SPS, PPS]);
  });

  test("one that cannot be read is left out", () => {
    const cut = SPS.subarray(0, 4);
    let sets = setsOf(cut, PPS);
    assert.deepEqual(bytesOf(sets), [PPS]);
    assert.equal(sets.activeFor(slice), undefined);
    sets = sets.with(unit(SPS));
    assert.ok(sets.activeFor(slice));
  });

  test("they do not change with the memory that they came in", () => {
    const memory = Buffer.from(SPS);
    let sets = setsOf(PPS);
    sets = sets.with(unit(memory));
    memory.fill(0);
    assert.deepEqual(bytesOf(sets), [SPS, PPS]);
  });

  test("they are bounded, however many come", () => {
    let sets = setsOf();
    for (let id = 0; id < 2000; id++) sets = sets.with(unit(h264Sequence({ id })));
    assert.ok(sets.units.length <= 256, `${sets.units.length} are kept`);
  });

  test("one that no codec's box could hold is left out", () => {
    let sets = setsOf(PPS);
    sets = sets.with(unit(Buffer.concat([SPS, Buffer.alloc(2 ** 16, 7)])));
    assert.deepEqual(bytesOf(sets), [PPS]);
  });

  test("they go on to be taken when many have come", () => {
    let sets = setsOf(SPS, PPS);
    for (let id = 1; id < 1000; id++) sets = sets.with(unit(h264Sequence({ id })));
    sets = sets.with(unit(h264Sequence({ columns: 8 })));
    assert.equal(sets.activeFor(slice)?.sps.width, 128);
  });
});
