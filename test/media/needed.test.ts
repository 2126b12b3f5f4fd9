import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { decode } from "../../src/decoder/decoder.js";
import { readInitSegment } from "../../src/media/init.js";
import { neededFor, neededForAll } from "../../src/media/needed.js";
import { Remuxer } from "../../src/media/remux.js";
import { readSamples, type Sample } from "../../src/media/samples.js";
import { clipFrom, type Clip } from "../helpers/clip.js";
import { asInput, decodeOptions, recordedFfmpeg } from "../helpers/decoding.js";

const CODING = { codec: "h265", nalLengthBytes: 4 } as const;
const sample = (index: number, sync = false): Sample => ({ data: Buffer.alloc(0), sync, index, ptsMs: index * 40 });

/** In decoding order. The second key picture is an open one: two pictures that are presented before it are decoded after it. */
const open = [sample(0, true), sample(2), sample(1), sample(5, true), sample(3), sample(4), sample(6)];

const needed = (wanted: number, samples: readonly Sample[] = open): number[] => neededFor(samples.find(({ index }) => index === wanted)!, samples, CODING).map(({ index }) => index);

test("a key picture needs nothing else", () => {
  assert.deepEqual(needed(0), [0]);
  assert.deepEqual(needed(5), [5]);
});

test("a picture needs what was decoded before it, from its key picture on", () => {
  assert.deepEqual(needed(2), [0, 2]);
  assert.deepEqual(needed(1), [0, 2, 1]);
  assert.deepEqual(needed(6), [5, 3, 4, 6]);
});

test("a picture presented before a key picture needs the one before that", () => {
  assert.deepEqual(needed(3), [0, 2, 1, 5, 3]);
  assert.deepEqual(needed(4), [0, 2, 1, 5, 3, 4]);
});

test("a picture without a key picture before it cannot be had", () => {
  assert.deepEqual(needed(3, open.slice(3)), []);
  assert.deepEqual(needed(2, open.slice(1)), []);
});

describe("what is needed for several pictures", { concurrency: 2 }, () => {
  const bare = (...nals: readonly [index: number, header: readonly number[]][]): Sample[] =>
    nals.map(([index, header]) => ({ data: Buffer.from([0, 0, 0, header.length, ...header]), sync: false, index, ptsMs: index * 40 }));
  const of = (codec: "h264" | "h265", wanted: readonly number[], samples: readonly Sample[]): number[] => neededForAll(new Set(wanted), samples, { codec, nalLengthBytes: 4 }).map(({ index }) => index);
  const [IDR, P, B] = [[0x65, 0x80], [0x41, 0x80], [0x01, 0x80]] as const;

  test("is, of H.264, what others lean on, from the IDR picture before each up to it", () => {
    const samples = bare([0, IDR], [3, P], [1, B], [2, B], [6, P], [4, B], [5, B], [7, IDR], [9, P], [8, B]);
    assert.deepEqual(of("h264", [0], samples), [0]);
    assert.deepEqual(of("h264", [3], samples), [0, 3]);
    assert.deepEqual(of("h264", [2], samples), [0, 3, 2]);
    assert.deepEqual(of("h264", [2, 6], samples), [0, 3, 2, 6]);
    assert.deepEqual(of("h264", [9], samples), [7, 9]);
    assert.deepEqual(of("h264", [5, 7], samples), [0, 3, 6, 5, 7]);
    assert.deepEqual(of("h264", [0, 7], samples), [0, 7]);
    assert.deepEqual(of("h264", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], samples), samples.map(({ index }) => index));
    assert.deepEqual(of("h264", [], samples), []);
  });

  const h265 = (type: number, layer = 0): readonly [number, number, number] => [type << 1, layer + 1, 0x80];
  test("is, of H.265, with the disposable pictures of all but the top layer", () => {
    const samples = bare([0, h265(19)], [4, h265(1)], [2, h265(0, 1)], [1, h265(0, 2)], [3, h265(0, 2)], [5, h265(1)]);
    assert.deepEqual(of("h265", [5], samples), [0, 4, 2, 5], "those of a lower layer may be leaned on by a higher one");
    assert.deepEqual(of("h265", [3], samples), [0, 4, 2, 3]);
  });

  test("is, after an open key picture, without what leans on the group before, unless that is wanted", () => {
    const samples = bare([0, h265(19)], [1, h265(1)], [4, h265(21)], [2, h265(9)], [3, h265(8)], [5, h265(1)]);
    assert.deepEqual(of("h265", [5], samples), [0, 1, 4, 5]);
    assert.deepEqual(of("h265", [3], samples), [0, 1, 4, 2, 3]);
  });

  const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "20", "-pix_fmt", "yuv420p", "-threads", "1"];
  const x264 = (params: string): string[] => [...SOURCE, "-c:v", "libx264", "-x264-params", `keyint=20:scenecut=0:b-adapt=0:${params}`];
  const x265 = (params: string): string[] => [...SOURCE, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=20:min-keyint=20:open-gop=0:b-adapt=0:pools=1:log-level=error:${params}`];
  const SORTS: Readonly<Record<string, readonly [args: string[], savesAny: boolean]>> = {
    "H.264": [x264("bframes=0"), false],
    "H.264 with B-frames": [x264("bframes=3:b-pyramid=none"), true],
    "H.264 with a pyramid of them": [x264("bframes=3:b-pyramid=normal"), true],
    "H.264 in short groups": [x264("bframes=2:keyint=5"), true],
    "H.265": [x265("bframes=0"), false],
    "H.265 with B-frames": [x265("bframes=3"), true],
    "H.265 in two temporal layers": [x265("bframes=3:temporal-layers=1"), true],
  };
  for (const [name, [args, savesAny]] of Object.entries(SORTS)) {
    test(`gives the same pictures as all would, of ${name}`, { timeout: 120_000 }, async () => {
      const clip = await clipFrom(args);
      const init = readInitSegment(clip.init);
      // The groups of one fragment, as the service may cut them.
      const samples = clip.fragments.flatMap((bytes, group) => readSamples(bytes, init).map((sample) => ({ ...sample, index: sample.index + (group * 20) / clip.fragments.length })));
      const all = await decodeAlone(clip, samples, samples.map(({ index }) => index));
      assert.equal(all.size, 20);
      let saved = 0;
      for (const wanted of [[0], [1], [2], [6], [19], [3, 11], [0, 8, 16], [5, 6, 7, 8], [0, 5, 10, 15]]) {
        const needed = neededForAll(new Set(wanted), samples, init);
        saved += samples.findIndex(({ index }) => index === needed.at(-1)?.index) + 1 - needed.length;
        assert.deepEqual(await decodeAlone(clip, needed, wanted), new Map(wanted.map((index) => [index, all.get(index)])), `pictures ${wanted.join()}`);
      }
      assert.equal(saved > 0, savesAny, `${saved} pictures were left out`);
    });
  }

  async function decodeAlone(clip: Clip, samples: readonly Sample[], wanted: readonly number[]): Promise<Map<number, string>> {
    await using ffmpeg = await recordedFfmpeg();
    const coded = new Remuxer(1).write(samples, new Map(wanted.map((index) => [index, String(index)])));
    const pictures = new Map<number, string>();
    for await (const { value, data } of decode(asInput([coded]), decodeOptions(clip, ffmpeg))) pictures.set(Number(value), createHash("md5").update(data).digest("hex"));
    return pictures;
  }
});
