import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, test } from "node:test";
import { readAccessUnit } from "../../src/media/access-unit.js";
import { announcedReordering } from "../../src/media/decoder-setup.js";
import { readInitSegment, type InitSegment } from "../../src/media/init.js";
import { setsIn } from "../../src/media/parameter-sets.js";
import { PictureReader, type ReadPictures } from "../../src/media/pictures.js";
import { depthOf } from "../../src/media/reorder-depth.js";
import { readSamples, type Sample } from "../../src/media/samples.js";
import { avcC, h264Picture, h264Sequence, h264Slice, sampleOf } from "../helpers/bits.js";
import { clipFrom } from "../helpers/clip.js";
import { RECORDINGS } from "../helpers/footage.js";

const MOVING = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10", "-frames:v", "30", "-pix_fmt", "yuv420p"];
const x264 = (parameters: string, ...more: string[]): string[] =>
  [...MOVING, "-c:v", "libx264", "-x264-params", `keyint=10:${parameters}`, ...more];
const x265 = (parameters: string, ...more: string[]): string[] =>
  [...MOVING, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `log-level=error:keyint=10:pools=1:${parameters}`, ...more];

/** By what is special, and the types of NAL units that show it is there. */
const HEALTHY: Readonly<Record<string, readonly [args: string[], types: readonly number[]]>> = {
  "H.264 with B-frames and open groups": [x264("bframes=3:open-gop=1"), [1, 5]],
  "H.264 with a pyramid of B-frames": [x264("bframes=7:b-adapt=0:b-pyramid=normal"), [1, 5]],
  "H.264 of several slices": [x264("slices=4"), [1, 5]],
  "H.264 of Baseline": [x264("", "-profile:v", "baseline"), [1, 5]],
  "H.264 of fields": [x264("interlaced=1"), [1, 5]],
  "H.264 of fields with B-frames": [x264("tff=1:bframes=2:b-adapt=0"), [1, 5]],
  "H.264 of intra pictures": [x264("keyint=1"), [5]],
  "H.264 in a gradual refresh": [x264("intra-refresh=1:bframes=0"), [1, 5, 6]],
  "H.264 with weighted prediction": [x264("weightp=2:bframes=3:weightb=1", "-vf", "fade=in:0:20"), [1, 5]],
  "H.264 with parameter sets, SEI and delimiters in band": [x264("aud=1:repeat-headers=1"), [6, 7, 8, 9]],
  "H.264 with parameter sets before every picture": [x264("", "-bsf:v", "dump_extra=freq=all"), [7, 8]],
  "H.264 with filler data": [
    x264("nal-hrd=cbr", "-b:v", "2M", "-maxrate", "2M", "-bufsize", "1M"),
    [12],
  ],
  "H.265 with B-frames and open groups": [x265("bframes=4:open-gop=1"), [0, 1, 8, 9, 20, 21]],
  "H.265 of several slices": [x265("slices=4"), [1, 20]],
  "H.265 with temporal layers": [x265("temporal-layers=3:bframes=4"), [0, 1]],
  "H.265 with parameter sets, SEI and delimiters in band": [
    x265("aud=1:repeat-headers=1:hrd=1:vbv-maxrate=1000:vbv-bufsize=500"),
    [32, 33, 34, 35, 39],
  ],
  "H.265 with checksums": [x265("hash=2"), [40]],
  ...Object.fromEntries(RECORDINGS.map((file) => {
    const args = ["-i", file, "-map", "0:v:0", "-c", "copy"];
    return [`the recording ${basename(file)}`, [args, [1, 5]] as const];
  })),
};

describe("pictures: all are read, in the order that their container says, of", { concurrency: 2 }, () => {
  for (const [what, [args, wanted]] of Object.entries(HEALTHY)) {
    test(what, async () => {
      const clip = await clipFrom(args);
      const init = readInitSegment(clip.init);
      const reader = new PictureReader(init);
      const types = new Set<number>();
      for (const bytes of clip.fragments) {
        const samples = readSamples(bytes, init);
        const { pictures, faulty, unshown } = reader.read(samples);
        assert.deepEqual([faulty, [...unshown]], [[], []]);
        assert.deepEqual(pictures.map(({ order }) => order), samples.map(({ index }) => index));
        for (const [at, { data, setup, depth, kind }] of pictures.entries()) {
          const given = samples[at]?.data ?? Buffer.alloc(0);
          // A recording has an end of sequence behind a start code.
          const { isPlain } = readAccessUnit(given, init);
          assert.ok(isPlain || what.startsWith("the recording"));
          assert.equal(data.equals(given), isPlain, "it is passed on as it is");
          assert.equal(depth, depthOf(samples.map(({ index }) => index)));
          assert.ok((announcedReordering(setup) ?? 0) >= depth);
          assert.deepEqual([setup.width, setup.height], [init.width, init.height]);
          if (at === 0 && !args.includes("-map")) assert.ok(kind.isRandomAccess || kind.recoversAfter !== undefined);
        }
        const units = samples.flatMap(({ data }) => readAccessUnit(data, init).units);
        for (const { type } of units) types.add(type);
      }
      const missing = wanted.filter((type) => !types.has(type));
      assert.deepEqual(missing, [], `it has ${[...types].join(", ")}`);
    });
  }
});

const SPS = h264Sequence();
const PPS = h264Picture();
const initOf = (more: Partial<InitSegment> = {}): InitSegment => ({
  ...{ bytes: Buffer.alloc(0), codec: "h264", width: 64, height: 48, entrySize: { width: 64, height: 48 }, timescale: 1000, trackId: 1, extra: [] },
  ...{ nalLengthBytes: 4, configuration: avcC(SPS, PPS).toString("base64") },
  ...{ defaults: { duration: 0, size: 0, flags: 0 }, ...more },
});

const samplesOf = (...all: readonly (Buffer | readonly (Buffer | readonly number[])[])[]): Sample[] =>
  all.map((units, index) => ({
    ...{ data: Buffer.isBuffer(units) ? units : sampleOf(units), sync: index === 0 },
    ...{ ptsMs: 40 * index, index },
  }));
const IDR = h264Slice({ type: "I", isIdr: true });
const p = (frameNum: number, lsb = 2 * frameNum): Buffer => h264Slice({ frameNum, lsb });
const shown = ({ pictures, faulty, unshown }: ReadPictures): unknown =>
  ({ pictures: pictures.map(({ index }) => index), faulty: faulty.map(({ index, position }) => [index, position]), unshown: [...unshown] });
const ofNone = { faulty: [], unshown: [] };

describe("pictures:", () => {
  test("a sample without a slice holds none", () => {
    const read = new PictureReader(initOf()).read(samplesOf([IDR], [[0x06, 5, 0]], [p(1)], [[0x1e, 9]], [p(2)]));
    assert.deepEqual(shown(read), { pictures: [0, 2, 4], faulty: [], unshown: [1, 3] });
  });

  test("what precedes a picture in a sample of its own goes with it", () => {
    const supplement = Buffer.from([0x06, 5, 1, 0, 0x80]);
    const { pictures } = new PictureReader(initOf()).read(samplesOf([IDR], [supplement], [p(1)]));
    assert.deepEqual(pictures[1]?.data, sampleOf([supplement, p(1)]));
  });

  test("a damaged sample is told with its place, and costs no other", () => {
    const tooLong = Buffer.concat([sampleOf([p(1)]), Buffer.from([0, 0, 0, 9, 0x41])]);
    const read = new PictureReader(initOf()).read(samplesOf([IDR], tooLong, [p(2)], [[0x41, 0x5a]]));
    assert.deepEqual(shown(read), { pictures: [0, 2], faulty: [[1, 1], [3, 2]], unshown: [] });
    assert.match(read.faulty[0]?.fault ?? "", /^a NAL unit at \d+ of 9 bytes, which does not fit/);
  });

  test("a damaged sample shows whether others reference its picture", () => {
    const cutOf = (header: number): Buffer => Buffer.from([0, 0, 0, 99, header, 0x9a, 0x20]);
    const { faulty } = new PictureReader(initOf()).read(samplesOf([IDR], cutOf(0x01), cutOf(0x41), cutOf(0x21), [p(1)]));
    assert.deepEqual(faulty.map(({ isDisposable }) => isDisposable), [true, false, false]);
  });

  test("a slice that is cut in its header is damaged", () => {
    const read = new PictureReader(initOf()).read(samplesOf([IDR], [p(1).subarray(0, 2)]));
    assert.deepEqual(shown(read), { pictures: [0], faulty: [[1, 1]], unshown: [] });
    assert.match(read.faulty[0]?.fault ?? "", /^a slice/);
  });

  test("a slice without its parameter sets is damaged until they come", () => {
    const reader = new PictureReader(initOf({ configuration: "" }));
    const before = reader.read(samplesOf([IDR]));
    assert.deepEqual(shown(before), { pictures: [], faulty: [[0, 0]], unshown: [] });
    assert.equal(before.faulty[0]?.fault, "a slice whose parameter sets have not come");
    assert.deepEqual(shown(reader.read(samplesOf([SPS, PPS, IDR], [p(1)]))), { pictures: [0, 1], ...ofNone });
    assert.deepEqual(shown(reader.read(samplesOf([IDR]))), { pictures: [0], ...ofNone });
  });

  test("parameter sets behind the last picture belong to the next fragment", () => {
    const reader = new PictureReader(initOf({ configuration: "" }));
    reader.read(samplesOf([SPS, PPS, IDR], [SPS, PPS]));
    const { pictures } = reader.read(samplesOf([IDR], [p(1)]));
    assert.deepEqual(pictures.map(({ data }) => readAccessUnit(data, initOf()).units.map(({ type }) => type)), [[7, 8, 5], [1]]);
  });

  test("units that decoders ignore are left out of what they get", () => {
    const { pictures } = new PictureReader(initOf()).read(samplesOf([[0x1e, 1], IDR, []], [[0xc1, 0x9a], p(1), [0x16, 3]]));
    assert.deepEqual(pictures.map(({ data }) => data), [sampleOf([IDR]), sampleOf([p(1)])]);
  });

  test("lengths of NAL units become four bytes", () => {
    const data = sampleOf([IDR, p(0)], 2);
    const { pictures } = new PictureReader(initOf({ nalLengthBytes: 2 })).read(samplesOf(data));
    assert.deepEqual(pictures[0]?.data, sampleOf([IDR, p(0)]));
  });

  test("a setup is the same object until a parameter set says something else", () => {
    const reader = new PictureReader(initOf());
    const setupOf = (...units: readonly Buffer[]) => reader.read(samplesOf(units)).pictures[0]?.setup;
    const first = setupOf(IDR);
    assert.equal(setupOf(SPS, PPS, IDR), first);
    const other = setupOf(h264Sequence({ columns: 6 }), IDR);
    assert.deepEqual([other?.width, other?.height], [96, 48]);
    assert.equal(setupOf(IDR), other);
    assert.equal(setupOf(SPS, IDR), first);
  });

  test("a size that changes in the middle of a fragment is that of each picture", () => {
    const wide = h264Sequence({ columns: 8 });
    const { pictures } = new PictureReader(initOf()).read(samplesOf([IDR], [p(1)], [wide, PPS, IDR], [p(1)]));
    assert.deepEqual(pictures.map(({ setup: { width } }) => width), [64, 64, 128, 128]);
    assert.deepEqual(setsIn("h264", Buffer.from(pictures[0]!.setup.configuration, "base64")).map(({ bytes }) => bytes), [SPS, PPS]);
  });

  test("a fragment that is read again is read as the first time", () => {
    const wide = h264Sequence({ columns: 8 });
    const reader = new PictureReader(initOf());
    reader.read(samplesOf([IDR], [wide, PPS]));
    const next = samplesOf([IDR], [SPS, PPS, IDR], [p(1)]);
    const first = reader.read(next);
    const again = reader.read(next, first.begin);
    const aside = reader.readAside(next, first.begin);
    for (const { pictures } of [first, again, aside]) {
      assert.deepEqual(pictures.map(({ setup: { width } }) => width), [128, 64, 64]);
      assert.deepEqual(pictures.map(({ data }) => data), first.pictures.map(({ data }) => data));
    }
    assert.deepEqual(reader.read(samplesOf([p(2)])).pictures[0]?.setup.width, 64);
  });

  test("a picture parameter set that changes reaches decoders that start later, at a reset", () => {
    const reader = new PictureReader(initOf());
    const before = reader.read(samplesOf([IDR], [p(1)])).pictures;
    const [first, second] = reader.read(samplesOf([h264Picture(1), IDR], [h264Picture(2), p(1)])).pictures;
    assert.notEqual(first?.setup, before[0]?.setup);
    assert.equal(second?.setup, first?.setup, "in the middle of a sequence a decoder goes on");
  });

  test("parameter sets that are left over do not change with the memory that they came in", () => {
    const wide = h264Sequence({ columns: 8 });
    const reader = new PictureReader(initOf());
    const samples = samplesOf([IDR], [wide]);
    reader.read(samples);
    for (const { data } of samples) data.fill(0xff);
    const [picture] = reader.read(samplesOf([IDR])).pictures;
    assert.deepEqual([picture?.setup.width, picture?.data], [128, sampleOf([wide, IDR])]);
  });

  test("a parameter set with sides beyond all bounds is refused", () => {
    const reader = new PictureReader(initOf());
    const huge = h264Sequence({ columns: 2000, rows: 2000 });
    assert.throws(() => reader.read(samplesOf([huge, IDR])), { code: "UNSUPPORTED_MEDIA" });
  });

  test("two fields in two samples are one", () => {
    const sps = h264Sequence({ hasFramesOnly: false });
    const field = (bit: 0 | 1, more = {}): Buffer => h264Slice({ field: `1${bit}`, ...more });
    const idr = field(0, { type: "I", isIdr: true });
    const read = new PictureReader(initOf({ configuration: avcC(sps, PPS).toString("base64") }))
      .read(samplesOf([idr], [field(1, { lsb: 1 })], [field(0, { frameNum: 1, lsb: 2 })], [field(1, { frameNum: 1, lsb: 3 })]));
    assert.deepEqual(shown(read), { pictures: [0, 2], faulty: [], unshown: [1, 3] });
    assert.deepEqual(read.pictures[0]?.data, sampleOf([idr, field(1, { lsb: 1 })]));
  });

  test("how deep they are reordered is seen, and told to the decoder where its parameter set is silent", () => {
    const b = (frameNum: number, lsb: number): Buffer => h264Slice({ type: "B", isReference: false, frameNum, lsb });
    const reader = new PictureReader(initOf());
    const inOrder = reader.read(samplesOf([IDR], [p(1)])).pictures;
    assert.deepEqual(inOrder.map(({ depth }) => depth), [0, 0]);
    const { pictures } = reader.read(samplesOf([IDR], [p(1, 8)], [p(2, 4)], [b(3, 2)], [b(3, 6)]));
    assert.deepEqual(pictures.map(({ order }) => order), [0, 4, 2, 1, 3]);
    assert.deepEqual(new Set(pictures.map(({ depth }) => depth)), new Set([2]));
    assert.equal(announcedReordering(pictures[0]!.setup), 2);
    const later = reader.read(samplesOf([SPS, PPS, IDR], [p(1)])).pictures[0]!;
    assert.equal(announcedReordering(later.setup), 2, "what was seen once may come again");
    assert.equal(later.setup, pictures[0]!.setup);
    assert.notDeepEqual(later.data, sampleOf([SPS, PPS, IDR]), "it brings a parameter set");
  });
});

test("pictures: depth counts those that are decoded before one that is shown before them", () => {
  const cases = [[[], 0], [[0, 1, 2], 0], [[0, 2, 1], 1], [[0, 3, 1, 2], 1], [[0, 4, 2, 1, 3], 2], [[3, 2, 1, 0], 3]] as const;
  for (const [ranks, depth] of cases) assert.equal(depthOf(ranks), depth, ranks.join());
});
