import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { announcedReordering } from "../../src/media/held-back.js";
import { readInitSegment } from "../../src/media/init.js";
import { nalUnits } from "../../src/media/nal.js";
import { readSamples } from "../../src/media/samples.js";
import { readReordering, readSps } from "../../src/media/sps.js";
import { initWithoutReordering, pictureWithoutReordering } from "../../src/media/without-reordering.js";
import { clipFrom, makeClip, type Clip } from "../helpers/clip.js";
import { withoutVui } from "../helpers/parameter-set.js";

const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "20", "-pix_fmt", "yuv420p", "-threads", "1"];
const COLOURS = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"];
const x264 = (params: string): Promise<Clip> => clipFrom([...SOURCE, "-c:v", "libx264", "-x264-params", `keyint=10:scenecut=0:${params}`, ...COLOURS]);
const x265 = (params: string): Promise<Clip> => clipFrom([...SOURCE, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=10:min-keyint=10:pools=1:log-level=error:${params}`, ...COLOURS]);

/** How it is encoded, and how many pictures it says may be reordered. */
const CASES: Readonly<Record<string, readonly [() => Promise<Clip>, number]>> = {
  "H.264 with B-frames": [() => x264("bframes=1"), 1],
  "H.264 with a pyramid of them": [() => x264("bframes=3:b-pyramid=normal:b-adapt=0"), 2],
  "H.264 with a rate and its buffer": [() => x264("bframes=3:b-adapt=0:nal-hrd=vbr:vbv-bufsize=100:vbv-maxrate=100"), 2],
  "H.264 of High 4:4:4": [() => clipFrom([...SOURCE.map((arg) => (arg === "yuv420p" ? "yuv444p" : arg)), "-c:v", "libx264", "-x264-params", "keyint=10:bframes=2:b-adapt=0", ...COLOURS]), 2],
  "H.265 with B-frames": [() => x265("bframes=3:b-adapt=0"), 2],
  "H.265 in two temporal layers": [() => x265("bframes=3:b-adapt=0:temporal-layers=1"), 2],
};

describe("an init segment without reordering", { concurrency: 2 }, () => {
  for (const [name, [make, announced]] of Object.entries(CASES)) {
    test(`of ${name} promises pictures in order, and is otherwise the same`, async () => {
      const clip = await make();
      const init = readInitSegment(clip.init);
      assert.equal(announcedReordering(init), announced);
      const given = Buffer.from(init.bytes);
      const changed = initWithoutReordering(init);
      assert.deepEqual(readInitSegment(changed.bytes), changed);
      assert.ok(init.bytes.equals(given), "what was given was written to");
      assert.equal(announcedReordering(changed), 0);
      const { bytes, configuration, ...rest } = changed;
      assert.deepEqual(rest, { codec: init.codec, width: init.width, height: init.height, timescale: init.timescale, trackId: init.trackId, nalLengthBytes: init.nalLengthBytes, defaults: init.defaults });
      assert.equal(bytes.length, init.bytes.length);
      assert.notEqual(configuration, init.configuration);
      assert.ok(initWithoutReordering(changed).bytes.equals(bytes), "once more changes nothing");
    });
  }

  test("is the same bytes where nothing is reordered, or nothing is said of it, or it cannot be read", async () => {
    const inOrder = await makeClip();
    const silent = withoutVui(await x264("bframes=2"));
    const cut = Buffer.from(inOrder.init);
    cut.writeUInt16BE(4, cut.indexOf("avcC", 0, "latin1") + 10); // the length of its parameter set
    for (const bytes of [inOrder.init, silent.init, cut]) assert.ok(initWithoutReordering(readInitSegment(bytes)).bytes.equals(bytes));
  });
});

describe("a picture without reordering", { concurrency: 2 }, () => {
  for (const [name, make] of [["H.264", () => x264("bframes=3:b-adapt=0:repeat-headers=1")], ["H.265", () => x265("bframes=3:b-adapt=0:repeat-headers=1")]] as const) {
    test(`of ${name} promises it in its own parameter set, of the same length, and all else is as it was`, async () => {
      const clip = await make();
      const init = readInitSegment(clip.init);
      const [{ data } = assert.fail()] = readSamples(clip.fragments[1]!, init);
      const changed = pictureWithoutReordering(data, init);
      assert.equal(changed.length, data.length);
      const [before, after] = [[...nalUnits(data, init)], [...nalUnits(changed, init)]];
      assert.deepEqual(after.map(({ at, type, announced }) => [at, type, announced]), before.map(({ at, type, announced }) => [at, type, announced]));
      const type = init.codec === "h264" ? 7 : 33;
      assert.ok(before.some((unit) => unit.type === type), "it brings a parameter set");
      for (const [place, unit] of after.entries()) {
        const was = before[place]!;
        if (unit.type !== type) assert.ok(unit.bytes.equals(was.bytes));
        else {
          assert.ok(readReordering(init.codec, was.bytes)!.pictures > 0);
          assert.equal(readReordering(init.codec, unit.bytes)!.pictures, 0);
          assert.deepEqual(readSps(init.codec, unit.bytes), readSps(init.codec, was.bytes), "colours are as they were");
          assert.ok(readSps(init.codec, was.bytes).colour?.matrix, "it speaks of colours");
        }
      }
    });
  }

  test("that brings none is the same bytes", async () => {
    const clip = await makeClip({ bFrames: 2 });
    const init = readInitSegment(clip.init);
    for (const { data } of readSamples(clip.fragments[0]!, init)) assert.ok(pictureWithoutReordering(data, init).equals(data));
  });
});
