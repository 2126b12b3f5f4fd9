import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import { checkPictures } from "../../src/media/coded-picture.js";
import { readInitSegment } from "../../src/media/init.js";
import { isKeyPicture } from "../../src/media/key-picture.js";
import { nalUnits, type Coding } from "../../src/media/nal.js";
import { readSamples, type Sample } from "../../src/media/samples.js";
import { clipFrom } from "../helpers/clip.js";
import { RECORDINGS } from "../helpers/footage.js";

const MOVING = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10", "-frames:v", "30", "-pix_fmt", "yuv420p"];
const x264 = (parameters: string, ...more: string[]): string[] => [...MOVING, "-c:v", "libx264", "-x264-params", `keyint=10:${parameters}`, ...more];
const x265 = (parameters: string, ...more: string[]): string[] => [...MOVING, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `log-level=error:keyint=10:pools=1:${parameters}`, ...more];

/** By what is special, and the types of NAL units that show it is there. */
const HEALTHY: Readonly<Record<string, readonly [args: string[], types: readonly number[]]>> = {
  "H.264 with B-frames and open groups": [x264("bframes=3:open-gop=1"), [1, 5]],
  "H.264 of several slices": [x264("slices=4"), [1, 5]],
  "H.264 of Baseline": [x264("", "-profile:v", "baseline"), [1, 5]],
  "H.264 of fields": [x264("interlaced=1"), [1, 5]],
  "H.264 of intra pictures": [x264("keyint=1"), [5]],
  "H.264 with parameter sets, SEI and delimiters in band": [x264("aud=1:repeat-headers=1"), [6, 7, 8, 9]],
  "H.264 with parameter sets before every picture": [x264("", "-bsf:v", "dump_extra=freq=all"), [7, 8]],
  "H.264 with filler data": [x264("nal-hrd=cbr", "-b:v", "2M", "-maxrate", "2M", "-bufsize", "1M"), [12]],
  "H.265 with B-frames and open groups": [x265("bframes=4:open-gop=1"), [0, 1, 8, 9, 20, 21]],
  "H.265 of several slices": [x265("slices=4"), [1, 20]],
  "H.265 with temporal layers": [x265("temporal-layers=3:bframes=4"), [0, 1]],
  "H.265 with parameter sets, SEI and delimiters in band": [x265("aud=1:repeat-headers=1:hrd=1:vbv-maxrate=1000:vbv-bufsize=500"), [32, 33, 34, 35, 39]],
  "H.265 with checksums": [x265("hash=2"), [40]],
  ...Object.fromEntries(RECORDINGS.map((file) => [`the recording ${basename(file)}`, [["-i", file, "-map", "0:v:0", "-c", "copy"], [1, 5]] as const])),
};

const holding = (...data: readonly Buffer[]): Pick<Sample, "data">[] => data.map((bytes) => ({ data: bytes }));

/** A sample of NAL units with a length before each. */
const sample = (lengthBytes: number, ...units: readonly (readonly number[])[]): Buffer =>
  Buffer.concat(units.map((unit) => {
    const bytes = Buffer.alloc(lengthBytes + unit.length);
    bytes.writeUIntBE(unit.length, 0, lengthBytes);
    bytes.set(unit, lengthBytes);
    return bytes;
  }));

describe("a healthy stream is taken", { concurrency: 2 }, () => {
  for (const [what, [args, wanted]] of Object.entries(HEALTHY)) {
    test(what, async () => {
      const clip = await clipFrom(args);
      const init = readInitSegment(clip.init);
      const types = new Set<number>();
      for (const bytes of clip.fragments) {
        const samples = readSamples(bytes, init);
        checkPictures(samples, init);
        for (const { data } of samples) for (const { type } of nalUnits(data, init)) types.add(type);
      }
      assert.deepEqual(wanted.filter((type) => !types.has(type)), [], `it has ${[...types].join(", ")}`);
    });
  }
});

const [H264, H265] = (["h264", "h265"] as const).map((codec): Coding => ({ codec, nalLengthBytes: 4 })) as [Coding, Coding];
const SLICE: Readonly<Record<Coding["codec"], readonly number[]>> = { h264: [0x41, 0x9a, 0], h265: [0x02, 0x01, 0xd0] };

describe("NAL units that healthy streams may hold beside the slices are taken:", () => {
  const cases: Readonly<Record<string, readonly [Coding, Buffer]>> = {
    "an end of sequence and of stream": [H264, sample(4, SLICE.h264, [0x0a], [0x0b])],
    "an end of sequence and of stream in H.265": [H265, sample(4, SLICE.h265, [0x48, 0x01], [0x4a, 0x01])],
    "those left to applications": [H264, sample(4, [0x1e, 1], SLICE.h264)],
    "those left to applications in H.265, as Dolby Vision has them": [H265, sample(4, SLICE.h265, [0x7c, 0x01, 1], [0x7e, 0x01, 1])],
    "further slices from anywhere": [H264, sample(4, SLICE.h264, [0x41, 0x05], [0x41, 0x9a])],
    "lengths of one byte": [{ ...H264, nalLengthBytes: 1 }, sample(1, SLICE.h264, SLICE.h264)],
    "lengths of two bytes": [{ ...H265, nalLengthBytes: 2 }, sample(2, SLICE.h265, SLICE.h265)],
  };
  for (const [what, [coding, data]] of Object.entries(cases)) test(what, () => checkPictures(holding(data), coding));

  test("slices of every type from 0 to 9", () => {
    // 1, then slice_type as ue(v), then ones
    for (const head of [0xff, 0xbf, 0xdf, 0xa7, 0xaf, 0xb7, 0x97, 0x88, 0x89, 0x8a]) checkPictures(holding(sample(4, [0x41, head])), H264);
  });
});

describe("a sample is refused", () => {
  const cases: readonly (readonly [string, Coding, Buffer, RegExp])[] = [
    ["whose NAL unit is longer than it", H264, Buffer.concat([sample(4, SLICE.h264), Buffer.from([0, 0, 0, 9, 0x41])]), /a NAL unit at 7 that does not fit its 12 bytes/],
    ["whose last bytes are no length", H264, Buffer.concat([sample(4, SLICE.h264), Buffer.alloc(3)]), /a NAL unit at 7 that does not fit its 10 bytes/],
    ["with a NAL unit of no bytes", H264, sample(4, [], SLICE.h264), /a NAL unit of 0 bytes at 0, wanted 1 at least/],
    ["with a NAL unit shorter than its header", H265, sample(4, SLICE.h265, [2]), /a NAL unit of 1 bytes at 7, wanted 2 at least/],
    ["with a forbidden bit", H264, sample(4, [0xc1, 0x9a]), /a NAL unit at 0 whose forbidden bit is set/],
    ["with a forbidden bit in H.265", H265, sample(4, [0x82, 1, 0xd0]), /whose forbidden bit is set/],
    ["of a type that is none", H264, sample(4, SLICE.h264, [0x40, 1]), /a NAL unit at 7 of type 0, which H\.264 does not have/],
    ["of a reserved type", H264, sample(4, [0x16, 1], SLICE.h264), /of type 22, which H\.264 does not have/],
    ["of a reserved type in H.265", H265, sample(4, [0x2c, 1, 0xd0]), /of type 22, which H\.265 does not have/],
    ["of no temporal id", H265, sample(4, [0x02, 0, 0xd0]), /whose temporal id is 0, wanted 1 at least/],
    ["that begins in another layer", H265, sample(4, [0x02, 0x09, 0xd0]), /begins its picture in another layer/],
    ["that begins in a high layer", H265, sample(4, [0x03, 0x01, 0xd0]), /begins its picture in another layer/],
    ["that begins at another macroblock", H264, sample(4, [0x41, 0x5a]), /begins its picture elsewhere than at its first macroblock/],
    ["that begins with another segment", H265, sample(4, [0x02, 1, 0x50]), /begins its picture with another segment/],
    ["that begins with a slice of type 10", H264, sample(4, [0x41, 0x8b]), /a slice of no type from 0 to 9/],
    ["that begins with a slice of a type beyond", H264, sample(4, [0x41, 0x84]), /a slice of no type from 0 to 9/],
    ["of no slice", H264, sample(4, [0x67, 1], [0x06, 5]), /sample 2 of 2 holds no slice of a picture/],
    ["of no slice in H.265", H265, sample(4, [0x4e, 1, 5]), /no slice of a picture/],
  ];
  for (const [what, coding, data, why] of cases) {
    test(what, () => {
      const good = sample(4, SLICE[coding.codec]);
      checkPictures(holding(good), coding);
      assert.throws(() => checkPictures(holding(good, data), coding), (error) => error instanceof HLSStreamError && error.code === "MALFORMED_MEDIA" && /^cannot read a fragment: sample 2 of 2 holds /.test(error.message) && why.test(error.message));
    });
  }
});

describe("decoding can begin", () => {
  const starts = (coding: Coding, sync: boolean, ...units: readonly (readonly number[])[]): boolean => isKeyPicture({ data: sample(coding.nalLengthBytes, ...units), sync, ptsMs: 0, index: 0 }, coding);

  test("with a sample whose flags say so", () => assert.ok(starts(H264, true, SLICE.h264)));
  test("with an IDR picture, behind its parameter sets", () => assert.ok(starts(H264, false, [0x67, 1], [0x68, 1], [0x65, 0x88])));
  test("with a random access picture of H.265", () => assert.deepEqual([16, 19, 21].map((type) => starts(H265, false, [type << 1, 1, 0xd0])), [true, true, true]));
  test("behind lengths of two bytes", () => assert.ok(starts({ ...H264, nalLengthBytes: 2 }, false, [0x67, 1], [0x65, 0x88])));
  test("with no other", () => assert.deepEqual([starts(H264, false, SLICE.h264), starts(H265, false, SLICE.h265)], [false, false]));
});
