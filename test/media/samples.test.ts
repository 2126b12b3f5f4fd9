import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readInitSegment, type InitSegment } from "../../src/media/init.js";
import { readSamples } from "../../src/media/samples.js";
import { makeClip } from "../helpers/clip.js";
import { fragment, PER_SAMPLE, type FragmentParts } from "../helpers/mp4.js";

const INIT: InitSegment = { bytes: Buffer.alloc(0), codec: "h264", width: 64, height: 48, timescale: 1000, trackId: 1, nalLengthBytes: 4, configuration: "", defaults: { duration: 40, size: 5, flags: 0x1_00_00 } };
const MEDIA = Buffer.from("0123456789abcdefghijklmnopqrst");
const SYNC = 0x02_00_00_00;
const NOT_SYNC = 0x01_01_00_00;

const read = (parts: FragmentParts) => readSamples(fragment({ media: MEDIA, ...parts }), INIT).map(({ data, ...rest }) => ({ ...rest, data: String(data) }));

describe("the samples of a recorded fragment", async () => {
  const clip = await makeClip({ fps: 10, frames: 20, gop: 10, bFrames: 2 });
  const init = readInitSegment(clip.init);

  test("with B-frames have every index once, and the time of their place", () => {
    for (const bytes of clip.fragments) {
      const samples = readSamples(bytes, init);
      assert.deepEqual(samples.map(({ index }) => index).sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.notDeepEqual(samples.map(({ index }) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const { index, ptsMs } of samples) assert.equal(ptsMs, index * 100);
      assert.deepEqual(samples.map(({ sync }) => sync), [true, ...Array<boolean>(9).fill(false)]);
    }
  });

  test("are the bytes of its mdat, all of them and in a row", () => {
    const [bytes = Buffer.alloc(0)] = clip.fragments;
    const mediaAt = bytes.indexOf("mdat", 0, "latin1") + 4;
    assert.deepEqual(Buffer.concat(readSamples(bytes, init).map(({ data }) => data)), bytes.subarray(mediaAt));
  });

  test("are the same in a pooled buffer that does not begin where its memory does", () => {
    const [bytes = Buffer.alloc(0)] = clip.fragments;
    const pooled = Buffer.concat([Buffer.from("stray"), bytes, Buffer.from("stray")]).subarray(5, 5 + bytes.length);
    assert.notEqual(pooled.byteOffset, 0);
    assert.deepEqual(readSamples(pooled, init), readSamples(bytes, init));
  });
});

describe("times in a fragment", () => {
  const parts: FragmentParts = { runs: [{ count: 3, at: 0, flags: PER_SAMPLE.offset, fields: [100, 300, 0] }] };

  for (const [name, decodeTime] of [["zero", 0n], ["the epoch in milliseconds", 1_795_342_500_120n], ["the epoch in 90 kHz ticks", 161_580_825_010_800n], ["one tick below 32 bits", 0xffff_ffffn]] as const) {
    test(`do not depend on a decode time of ${name}`, () => {
      assert.deepEqual(read({ ...parts, decodeTime }).map(({ ptsMs, index }) => [ptsMs, index]), [[0, 0], [300, 2], [100, 1]]);
    });
  }

  test("may be moved back by a negative composition offset", () => {
    const runs = [{ count: 2, at: 0, version: 1 as const, flags: PER_SAMPLE.offset, fields: [0, -150] }];
    assert.deepEqual(read({ runs }).map(({ ptsMs, index }) => [ptsMs, index]), [[50, 1], [0, 0]]);
  });
});

describe("a sample's duration, size and flags", () => {
  test("come from the run where it has them", () => {
    const fields = [10, 4, SYNC, 20, 6, NOT_SYNC, 30, 2, NOT_SYNC];
    const samples = read({ runs: [{ count: 3, at: 0, flags: PER_SAMPLE.duration | PER_SAMPLE.size | PER_SAMPLE.flags, fields }] });
    assert.deepEqual(samples, [
      { data: "0123", sync: true, ptsMs: 0, index: 0 },
      { data: "456789", sync: false, ptsMs: 10, index: 1 },
      { data: "ab", sync: false, ptsMs: 30, index: 2 },
    ]);
  });

  test("come from the fragment's defaults otherwise, but for the first sample's own flags", () => {
    const samples = read({ defaults: [25, 3, NOT_SYNC], runs: [{ count: 2, at: 0, firstSampleFlags: SYNC }] });
    assert.deepEqual(samples.map(({ data, sync, ptsMs }) => [data, sync, ptsMs]), [["012", true, 0], ["345", false, 25]]);
  });

  test("go on from run to run, from the place a run names or where the last one ended", () => {
    const samples = read({ defaults: [25, 3, NOT_SYNC], runs: [{ count: 1, at: 9 }, { count: 1 }, { count: 1, at: 0 }] });
    assert.deepEqual(samples.map(({ data, ptsMs }) => [data, ptsMs]), [["9ab", 0], ["cde", 25], ["012", 50]]);
  });

  test("go on from movie fragment to movie fragment of one body", () => {
    const runs = [{ count: 1, at: 0 }];
    const body = Buffer.concat([fragment({ media: MEDIA, runs, decodeTime: 500n }), fragment({ media: MEDIA.subarray(10), runs, decodeTime: 700n })]);
    assert.deepEqual(readSamples(body, INIT).map(({ data, ptsMs, index }) => [String(data), ptsMs, index]), [["0123456789", 0, 0], ["abcdefghij", 200, 1]]);
  });

  test("of a fragment that does not begin with a key frame say so", () => {
    assert.deepEqual(read({ runs: [{ count: 2, at: 0, flags: PER_SAMPLE.flags, fields: [NOT_SYNC, SYNC] }] }).map(({ sync }) => sync), [false, true]);
  });
});
