import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { decode } from "../../src/decoder/decoder.js";
import { neededFor, ReferenceState } from "../../src/media/dependencies.js";
import type { CodedPicture } from "../../src/media/pictures.js";
import { Remuxer } from "../../src/media/remux.js";
import { clipFrom, type Clip } from "../helpers/clip.js";
import { readClip } from "../helpers/coded.js";
import { asInput, decodeOptions, recordedFfmpeg } from "../helpers/decoding.js";

const sourceOf = (frames: number): string[] =>
  ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", String(frames), "-pix_fmt", "yuv420p", "-threads", "1"];
const x264 = (params: string, frames = 20): string[] =>
  [...sourceOf(frames), "-c:v", "libx264", "-x264-params", `keyint=20:scenecut=0:b-adapt=0:${params}`];
const x265 = (params: string, frames = 20): string[] =>
  [...sourceOf(frames), "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=20:min-keyint=20:open-gop=0:b-adapt=0:pools=1:log-level=error:${params}`];

/** Pictures in a row, over the borders of fragments. */
function inARow(fragments: readonly (readonly CodedPicture[])[]): CodedPicture[] {
  let base = 0;
  return fragments.flatMap((pictures) => {
    const from = base;
    base += pictures.length;
    return pictures.map((picture) => ({ ...picture, order: from + picture.order }));
  });
}

/** The pixels of the wanted ones, by their output order, as a decoder gives them that is given no others. */
async function decodeAlone(clip: Clip, pictures: readonly CodedPicture[], isWanted: (order: number) => boolean): Promise<Map<number, string>> {
  await using ffmpeg = await recordedFfmpeg();
  const wanted = pictures.flatMap(({ order }, place): [number, string][] => (isWanted(order) ? [[place, String(order)]] : []));
  const coded = new Remuxer().write(pictures, new Map(wanted));
  const found = new Map<number, string>();
  const lost: string[] = [];
  for await (const { value, data } of decode(asInput([coded]), decodeOptions(clip, ffmpeg, lost))) {
    found.set(Number(value), createHash("md5").update(data).digest("hex"));
  }
  assert.deepEqual(lost, []);
  return found;
}

const NEEDED: Readonly<Record<string, readonly [args: string[], savesAny: boolean]>> = {
  "H.264": [x264("bframes=0"), false],
  "H.264 with B-frames": [x264("bframes=3:b-pyramid=none"), true],
  "H.264 with a pyramid of them": [x264("bframes=3:b-pyramid=normal"), true],
  "H.264 in short groups": [x264("bframes=2:keyint=5"), true],
  "H.265": [x265("bframes=0"), false],
  "H.265 with B-frames": [x265("bframes=3"), true],
  "H.265 in two temporal layers": [x265("bframes=3:temporal-layers=1"), true],
};
const WANTED = [[0], [1], [2], [6], [19], [3, 11], [0, 8, 16], [5, 6, 7, 8], [0, 5, 10, 15]];

describe("needed: what is needed gives the same pictures as all would", { concurrency: 2 }, () => {
  for (const [name, [args, savesAny]] of Object.entries(NEEDED)) {
    test(`of ${name}`, { timeout: 120_000 }, async () => {
      const clip = await clipFrom(args);
      const chain = inARow(readClip(clip));
      const all = await decodeAlone(clip, chain, () => true);
      assert.equal(all.size, 20);
      const isFed = chain.map(() => true);
      let saved = 0;
      for (const orders of WANTED) {
        const places = new Set(chain.flatMap(({ order }, place) => (orders.includes(order) ? [place] : [])));
        const needed = neededFor(places, chain, isFed);
        saved += (needed.at(-1) ?? 0) + 1 - needed.length;
        const given = needed.flatMap((place) => chain[place] ?? []);
        const found = await decodeAlone(clip, given, (order) => orders.includes(order));
        const wanted = new Map(orders.map((order) => [order, all.get(order)]));
        assert.deepEqual(found, wanted, `pictures ${orders.join()}`);
      }
      assert.equal(saved > 0, savesAny, `${saved} pictures were left out`);
    });
  }
});

/** How it is encoded, and whether all that follows is right from the second fragment on. */
const SUFFIXES: Readonly<Record<string, readonly [args: string[], isAllRight: boolean]>> = {
  "H.264 in closed groups": [x264("bframes=3:keyint=10", 40), true],
  "H.264 in open groups": [x264("bframes=3:keyint=10:open-gop=1", 40), false],
  "H.264 in open groups with a pyramid": [x264("bframes=3:keyint=10:open-gop=1:b-pyramid=normal", 40), false],
  "H.264 in a gradual refresh": [x264("bframes=0:keyint=10:intra-refresh=1", 60), false],
  "H.264 in fields and open groups": [x264("bframes=3:keyint=10:open-gop=1:tff=1", 40), false],
  "H.265 in closed groups": [x265("bframes=3:keyint=10:min-keyint=10", 40), true],
  "H.265 in open groups": [x265("bframes=3:keyint=10:min-keyint=10:open-gop=1", 40), false],
  "H.265 in groups with RADL pictures": [x265("bframes=3:keyint=10:min-keyint=10:radl=2", 40), true],
};

describe("references: what is right comes out as of all when decoding begins later", { concurrency: 2 }, () => {
  for (const [name, [args, isAllRight]] of Object.entries(SUFFIXES)) {
    test(`of ${name}`, { timeout: 120_000 }, async (context) => {
      const clip = await clipFrom(args);
      const fragments = readClip(clip);
      const chain = inARow(fragments);
      const all = await decodeAlone(clip, chain, () => true);
      assert.equal(all.size, chain.length);
      assert.ok(fragments.length > 2);
      for (const from of fragments.slice(1).keys()) {
        const state = new ReferenceState();
        const parts = fragments.slice(from + 1).map((pictures) => state.follow(pictures, []));
        const [isRight, canBeFed] = [parts.flatMap((part) => part.isRight), parts.flatMap((part) => part.canBeFed)];
        const rest = chain.slice(chain.length - isRight.length);
        const right = new Set(rest.flatMap(({ order }, at) => (isRight[at] ? [order] : [])));
        const fed = rest.filter((_, at) => canBeFed[at]);
        context.diagnostic(`${right.size} of ${rest.length} are right`);
        assert.equal(right.size === rest.length, isAllRight);
        assert.ok(right.size > 0);
        const found = await decodeAlone(clip, fed, (order) => right.has(order));
        assert.deepEqual(found, new Map([...all].filter(([order]) => right.has(order))));
      }
    });
  }
});
