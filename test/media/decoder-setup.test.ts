import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { announcedReordering, makeSetup, setupWithoutReordering } from "../../src/media/decoder-setup.js";
import { readInitSegment, type InitSegment } from "../../src/media/init.js";
import { setsIn } from "../../src/media/parameter-sets.js";
import { depthOf } from "../../src/media/reorder-depth.js";
import { clipFrom, makeClip, type Clip } from "../helpers/clip.js";
import { readClip, setupOf } from "../helpers/coded.js";
import { withoutVui } from "../helpers/parameter-set.js";

const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "30", "-pix_fmt", "yuv420p", "-threads", "1"];
const COLOURS = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"];
const x264 = (params: string, ...more: readonly string[]): Promise<Clip> =>
  clipFrom([...SOURCE, "-c:v", "libx264", "-x264-params", `keyint=15:scenecut=0:b-adapt=0:${params}`, ...COLOURS, ...more]);
const x265 = (params: string): Promise<Clip> =>
  clipFrom([...SOURCE, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=15:min-keyint=15:pools=1:log-level=error:b-adapt=0:${params}`, ...COLOURS]);

/** How it is encoded, and how deep its pictures are reordered. */
const CASES: Readonly<Record<string, readonly [make: () => Promise<Clip>, announced: number]>> = {
  "H.264 Baseline": [() => x264("bframes=0", "-profile:v", "baseline"), 0],
  "H.264 without B-frames": [() => x264("bframes=0"), 0],
  "H.264 with one B-frame": [() => x264("bframes=1"), 1],
  "H.264 with a pyramid of them": [() => x264("bframes=3:b-pyramid=normal"), 2],
  "H.264 with B-frames, a rate and its buffer": [
    () => x264("bframes=3:b-pyramid=none:nal-hrd=vbr:vbv-bufsize=100:vbv-maxrate=100"),
    1,
  ],
  "H.264 of High 4:4:4": [() => x264("bframes=3:b-pyramid=normal", "-pix_fmt", "yuv444p"), 2],
  "interlaced H.264": [() => x264("bframes=1:tff=1"), 1],
  "H.265 without B-frames": [() => x265("bframes=0"), 0],
  "H.265 with B-frames": [() => x265("bframes=3"), 2],
  "H.265 in two temporal layers": [() => x265("bframes=3:temporal-layers=1"), 2],
};

describe("decoder setup: reordering is announced as the pictures have it", { concurrency: 2 }, () => {
  for (const [name, [make, announced]] of Object.entries(CASES)) {
    test(`of ${name}`, async () => {
      const clip = await make();
      const init = readInitSegment(clip.init);
      assert.equal(announcedReordering(init), announced);
      assert.equal(announcedReordering(setupOf(clip)), announced);
      const depths = readClip(clip).map((pictures) => depthOf(pictures.map(({ order }) => order)));
      assert.equal(Math.max(...depths), announced);
    });
  }

  test("not at all when a parameter set is cut", async () => {
    const { init } = await x264("bframes=3");
    const cut = Buffer.from(init);
    cut.writeUInt16BE(4, cut.indexOf("avcC", 0, "latin1") + 10); // the length of its parameter set
    assert.equal(announcedReordering(readInitSegment(cut)), undefined);
  });

  test("not at all when there is no parameter set", () => {
    assert.equal(announcedReordering({ codec: "h264", configuration: "" }), undefined);
  });
});

/** What an init segment says, but for how its samples are timed. */
const saidOf = ({ codec, width, height, extra }: Pick<InitSegment, "codec" | "width" | "height" | "extra">) =>
  ({ codec, width, height, extra });

describe("decoder setup: without reordering", { concurrency: 2 }, () => {
  for (const [name, [make]] of Object.entries(CASES)) {
    test(`promises pictures in order, and is otherwise the same, of ${name}`, async () => {
      const setup = setupOf(await make());
      const given = Buffer.from(setup.bytes);
      const changed = setupWithoutReordering(setup);
      assert.ok(setup.bytes.equals(given), "what was given was written to");
      assert.equal(announcedReordering(changed), 0);
      assert.deepEqual(saidOf(changed), saidOf(setup));
      const read = readInitSegment(changed.bytes);
      assert.deepEqual([read.configuration, saidOf(read)], [changed.configuration, saidOf(setup)]);
      const again = setupWithoutReordering(changed);
      assert.ok(again.bytes.equals(changed.bytes), "once more changes nothing");
      if (announcedReordering(setup) === 0) assert.ok(changed.bytes.equals(setup.bytes));
    });
  }

  test("promises it also when the parameter set says nothing", async () => {
    const init = readInitSegment(withoutVui(await x264("bframes=1")).init);
    const sets = setsIn("h264", Buffer.from(init.configuration, "base64"));
    const setup = makeSetup({ init, sets, width: 64, height: 48, depth: undefined });
    assert.equal(announcedReordering(setup), undefined);
    assert.equal(announcedReordering(setupWithoutReordering(setup)), 0);
  });
});

describe("decoder setup: an init segment of our own", () => {
  for (const codec of ["libx264", "libx265"] as const) {
    test(`says what that of ${codec} does`, async () => {
      const clip = await makeClip({ codec, frames: 2 });
      const init = readInitSegment(clip.init);
      const setup = setupOf(clip);
      const read = readInitSegment(setup.bytes);
      assert.deepEqual(saidOf(read), saidOf(init));
      assert.equal(read.nalLengthBytes, 4);
      const [ours, theirs] = [read, init].map(({ configuration }) => setsIn(init.codec, Buffer.from(configuration, "base64")));
      assert.deepEqual(ours, theirs);
    });
  }

  test("has the lengths of four bytes that samples have, whatever those were", async () => {
    const { init } = await makeClip({ frames: 2 });
    const at = init.indexOf("avcC", 0, "latin1") + 8;
    init[at] = (init[at] ?? 0) & 0xfc;
    const read = readInitSegment(init);
    assert.equal(read.nalLengthBytes, 1);
    const sets = setsIn("h264", Buffer.from(read.configuration, "base64"));
    const setup = makeSetup({ init: read, sets, width: 64, height: 48, depth: undefined });
    assert.equal(readInitSegment(setup.bytes).nalLengthBytes, 4);
  });

  test("is refused when it is of pictures that cannot be decoded", async () => {
    const init = readInitSegment((await makeClip({ frames: 2 })).init);
    for (const [width, height] of [[0, 48], [64, 1], [16_385, 16], [8192, 8192]] as const) {
      const make = () => makeSetup({ init, sets: [], width, height, depth: undefined });
      assert.throws(make, { code: "UNSUPPORTED_MEDIA", message: new RegExp(`${width}x${height} pixels`) });
    }
  });
});
