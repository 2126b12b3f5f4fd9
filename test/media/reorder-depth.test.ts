import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readAccessUnit } from "../../src/media/access-unit.js";
import { readInitSegment } from "../../src/media/init.js";
import { NAL_RULES } from "../../src/media/nal.js";
import { setsIn, spsOf } from "../../src/media/parameter-sets.js";
import { PictureReader } from "../../src/media/pictures.js";
import { Remuxer } from "../../src/media/remux.js";
import { sampleWithReorderDepth, withReorderDepth } from "../../src/media/reorder-depth.js";
import { readSamples } from "../../src/media/samples.js";
import { readSequence } from "../../src/media/sps.js";
import { h264Sequence, ORDER_BY_LSB, ue } from "../helpers/bits.js";
import { clipFrom, type Clip } from "../helpers/clip.js";
import { readClip, setupOf } from "../helpers/coded.js";
import { pictureHashes } from "../helpers/decode.js";
import { withoutVui } from "../helpers/parameter-set.js";

const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "20", "-pix_fmt", "yuv420p", "-threads", "1"];
const COLOURS = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"];
const x264 = (params: string, ...more: readonly string[]): Promise<Clip> =>
  clipFrom([...SOURCE, "-c:v", "libx264", "-x264-params", `keyint=10:scenecut=0:b-adapt=0:${params}`, ...COLOURS, ...more]);
const x265 = (params: string): Promise<Clip> =>
  clipFrom([...SOURCE, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=10:min-keyint=10:open-gop=0:pools=1:log-level=error:b-adapt=0:${params}`, ...COLOURS]);

const SORTS: Readonly<Record<string, () => Promise<Clip>>> = {
  "H.264 with a VUI": () => x264("bframes=3:b-pyramid=normal"),
  "H.264 without a VUI": async () => withoutVui(await x264("bframes=3:b-pyramid=normal")),
  "H.264 of Baseline": () => x264("bframes=0", "-profile:v", "baseline"),
  "H.264 with a rate and its buffer": () => x264("bframes=3:nal-hrd=vbr:vbv-bufsize=100:vbv-maxrate=100"),
  "H.264 of High 4:4:4": () => x264("bframes=2", "-pix_fmt", "yuv444p"),
  "H.264 that is cropped": () => x264("bframes=1", "-vf", "crop=62:46"),
  "H.265": () => x265("bframes=3"),
  "H.265 in two temporal layers": () => x265("bframes=3:temporal-layers=1"),
};

function parameterSetOf(clip: Clip): { readonly codec: "h264" | "h265"; readonly nal: Buffer } {
  const { codec, configuration } = readInitSegment(clip.init);
  return { codec, nal: spsOf(codec, Buffer.from(configuration, "base64")) ?? assert.fail() };
}

describe("reorder depth: of a parameter set", { concurrency: 2 }, () => {
  for (const [name, make] of Object.entries(SORTS)) {
    test(`is as it is set, and all else as it was, when that is of ${name}`, async () => {
      const { codec, nal } = parameterSetOf(await make());
      const given = Buffer.from(nal);
      const before = readSequence(codec, nal);
      const { reordering, buffering, vuiFlagAt, restrictionFlagAt } = before;
      for (let depth = 0; depth <= 16; depth++) {
        const changed = withReorderDepth(nal, codec, depth);
        const read = readSequence(codec, changed);
        const { reordering: after, buffering: sizes, vuiFlagAt: vuiAt, restrictionFlagAt: at } = read;
        const changes = { reordering: after, buffering: sizes, vuiFlagAt: vuiAt, restrictionFlagAt: at };
        assert.deepEqual(read, { ...before, ...changes });
        const isInOrder = name.includes("Baseline");
        assert.equal(after?.pictures, isInOrder ? 0 : depth);
        assert.ok(sizes.every(({ value }, layer) => value === Math.max(depth, buffering[layer]?.value ?? 0)));
        assert.ok(withReorderDepth(changed, codec, depth).equals(changed), "once more changes nothing");
        const longest = vuiFlagAt === undefined && restrictionFlagAt === undefined ? 8 : 12;
        assert.ok(changed.length <= nal.length + longest);
      }
      assert.ok(nal.equals(given), "what was given was written to");
      const said = reordering?.saidAt.length ? reordering.pictures : undefined;
      if (said !== undefined) assert.ok(withReorderDepth(nal, codec, said).equals(nal));
    });
  }

  test("is told by a VUI of its own when there is none", () => {
    for (const depth of [0, 1, 2, 16]) {
      const changed = withReorderDepth(h264Sequence(), "h264", depth);
      assert.equal(readSequence("h264", changed).reordering?.pictures, depth);
    }
  });

  test("is told behind what the VUI has when that says nothing of it", () => {
    // A pixel aspect of 4:3, and nothing more.
    const vui = `1${"1"}${"00001110"}${"0000000"}0`;
    const nal = h264Sequence({ vui });
    assert.equal(readSequence("h264", nal).reordering, undefined);
    const read = readSequence("h264", withReorderDepth(nal, "h264", 3));
    assert.equal(read.reordering?.pictures, 3);
    assert.deepEqual(read.vui.pixelAspect, { width: 4, height: 3 });
  });

  test("keeps start codes out of what it writes", () => {
    // Offsets of so many zeros that bytes must be put between them.
    const order = ue(1) + "1" + ue(2 ** 30) + ue(2 ** 30) + ue(0);
    for (const nal of [h264Sequence({ order }), h264Sequence({ order: ORDER_BY_LSB, columns: 2 ** 20 })]) {
      for (let depth = 0; depth <= 16; depth++) {
        const changed = withReorderDepth(nal, "h264", depth);
        for (let low = 0; low < 3; low++) assert.equal(changed.indexOf(Buffer.from([0, 0, low])), -1);
        assert.equal(readSequence("h264", changed).reordering?.pictures, depth);
      }
    }
  });

  test("is let be when it cannot be read", () => {
    for (const [codec, nal] of [["h264", h264Sequence().subarray(0, 5)], ["h265", Buffer.from([0x42, 1, 1])]] as const) {
      assert.equal(withReorderDepth(nal, codec, 2), nal);
    }
    // The VUI ends too early: where to say it is not known.
    const cut = h264Sequence({ vui: "1" });
    assert.equal(withReorderDepth(cut, "h264", 2), cut);
  });
});

describe("reorder depth: of a sample", { concurrency: 2 }, () => {
  for (const [name, make] of [["H.264", () => x264("bframes=3:repeat-headers=1")], ["H.265", () => x265("bframes=3:repeat-headers=1")]] as const) {
    test(`of ${name} is that of its own parameter sets, and all else is as it was`, async () => {
      const clip = await make();
      const init = readInitSegment(clip.init);
      const [{ data } = assert.fail()] = readSamples(clip.fragments[1]!, init);
      const before = readAccessUnit(data, init).units;
      const { sequence } = NAL_RULES[init.codec];
      assert.ok(before.some(({ type }) => type === sequence), "it brings a parameter set");
      const after = readAccessUnit(sampleWithReorderDepth(before, init.codec, 0), init).units;
      assert.deepEqual(after.map(({ type }) => type), before.map(({ type }) => type));
      for (const [place, { type, bytes }] of after.entries()) {
        const was = before[place]?.bytes ?? assert.fail();
        if (type !== sequence) assert.ok(bytes.equals(was));
        else {
          const [old, changed] = [readSequence(init.codec, was), readSequence(init.codec, bytes)];
          assert.deepEqual([old.reordering?.pictures, changed.reordering?.pictures], [2, 0]);
          assert.deepEqual(changed.vui, old.vui, "colours are as they were");
          assert.ok(changed.vui.colour?.matrix, "it speaks of colours");
        }
      }
    });
  }
});

describe("reorder depth: decoders give the pictures of the original", { concurrency: 2 }, () => {
  for (const [name, make] of Object.entries(SORTS)) {
    test(`when it is told of ${name}`, async () => {
      const clip = await make();
      const { configuration, bytes, codec } = setupOf(clip);
      const remuxer = new Remuxer();
      const written = readClip(clip).flatMap((pictures) => remuxer.write(pictures, new Map()).bytes);
      const hashes = await pictureHashes(Buffer.concat([bytes, ...written]));
      assert.deepEqual(hashes, await pictureHashes(clip.whole));
      assert.equal(hashes.length, 20);
      assert.ok(setsIn(codec, Buffer.from(configuration, "base64")).length >= 2);
    });
  }

  test("when only later fragments are reordered", async () => {
    const clip = withoutVui(await x264("bframes=3:b-pyramid=normal"));
    const init = readInitSegment(clip.init);
    const reader = new PictureReader(init);
    const samples = clip.fragments.map((bytes) => readSamples(bytes, init));
    const first = reader.read(samples[0]!.slice(0, 1)).pictures[0]!;
    const second = reader.read(samples[1]!).pictures[0]!;
    const depths = [first, second].map(({ setup }) => {
      const nal = spsOf("h264", Buffer.from(setup.configuration, "base64")) ?? assert.fail();
      return readSequence("h264", nal).reordering?.pictures;
    });
    assert.deepEqual(depths, [undefined, 2]);
  });
});
