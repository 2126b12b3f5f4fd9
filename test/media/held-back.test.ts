import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { announcedReordering, isRepeatable, seenReordering } from "../../src/media/held-back.js";
import { readInitSegment } from "../../src/media/init.js";
import { readSamples, type Sample } from "../../src/media/samples.js";
import { clipFrom } from "../helpers/clip.js";

const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "30", "-pix_fmt", "yuv420p", "-threads", "1"];
const x264 = (params: string, ...more: readonly string[]): string[] => [...SOURCE, "-c:v", "libx264", "-x264-params", `keyint=15:scenecut=0:${params}`, ...more];
const x265 = (params: string): string[] => [...SOURCE, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=15:min-keyint=15:pools=1:log-level=error:${params}`];

/** How it is encoded; what the init segment says and what the samples show. */
const CASES: Readonly<Record<string, readonly [string[], number, number]>> = {
  "H.264 Baseline": [x264("bframes=0", "-profile:v", "baseline"), 0, 0],
  "H.264 without B-frames": [x264("bframes=0"), 0, 0],
  "H.264 with one B-frame": [x264("bframes=1"), 1, 1],
  "H.264 with a pyramid of them": [x264("bframes=3:b-pyramid=normal:b-adapt=0"), 2, 2],
  "H.264 with B-frames, a rate and its buffer": [x264("bframes=3:b-pyramid=none:b-adapt=0:nal-hrd=vbr:vbv-bufsize=100:vbv-maxrate=100"), 1, 1],
  "interlaced H.264": [x264("bframes=1:tff=1"), 1, 1],
  "H.265 without B-frames": [x265("bframes=0"), 0, 0],
  "H.265 with B-frames": [x265("bframes=3:b-adapt=0"), 2, 2],
  "H.265 in two temporal layers": [x265("bframes=3:b-adapt=0:temporal-layers=1"), 2, 2],
};

describe("how many pictures are held back is in the parameter set, and seen in the samples", { concurrency: 2 }, () => {
  for (const [name, [args, announced, seen]] of Object.entries(CASES)) {
    test(name, async () => {
      const clip = await clipFrom(args);
      const init = readInitSegment(clip.init);
      assert.equal(announcedReordering(init), announced);
      assert.equal(seenReordering(readSamples(clip.fragments[0]!, init)), seen);
    });
  }
});

test("a parameter set that is cut says nothing", async () => {
  const { init } = await clipFrom(x264("bframes=3"));
  const cut = Buffer.from(init);
  const avcC = cut.indexOf("avcC", 0, "latin1");
  cut.writeUInt16BE(4, avcC + 10); // the length of its parameter set
  assert.equal(announcedReordering(readInitSegment(cut)), undefined);
});

describe("a sample can be repeated", () => {
  const sample = (...nal: number[]): Sample => ({ data: Buffer.from([0, 0, 0, nal.length, ...nal]), sync: true, ptsMs: 0, index: 0 });
  const cases: readonly [string, "h264" | "h265", Sample, boolean][] = [
    ["that is an IDR picture of H.264", "h264", sample(0x65, 0x88), true],
    ["that is a key picture of an open group of H.264: no", "h264", sample(0x41, 0x88), false],
    ["that is an IDR picture of H.265 with leading pictures", "h265", sample(19 << 1, 1, 0x80), true],
    ["that is an IDR picture of H.265 without them", "h265", sample(20 << 1, 1, 0x80), true],
    ["that is one which tells to drop what is held back: no", "h265", sample(20 << 1, 1, 0xc0), false],
    ["that is a CRA picture of H.265: no", "h265", sample(21 << 1, 1, 0x80), false],
  ];
  for (const [name, codec, given, wanted] of cases) test(name, () => assert.equal(isRepeatable(given, { codec, nalLengthBytes: 4 }), wanted));
});
