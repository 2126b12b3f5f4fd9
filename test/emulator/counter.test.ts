import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { readCounter } from "../helpers/counter.js";
import { decodeRgb } from "../helpers/decode.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

const CAMERAS = [
  "plain=testsrc,size=320x180,loop=6",
  "bframes=testsrc,loop=4,fps=29.97,bframes=2",
  "h265=testsrc,size=320x180,loop=4,codec=h265,bframes=3",
  "variable=testsrc,size=320x180,loop=4,vfr,bframes=2,matrix=bt601",
  "switch=testsrc,size=320x180,loop=4,switch=480x270,vfr",
].map(parseCamera);
const emulated = new Emulated({ cameras: CAMERAS, limits: false });

for (const { name } of CAMERAS) {
  test(`${name}: each picture carries the number that the truth says, also as a small JPEG`, async () => {
    const master = await emulated.open(name, { MaxMediaPlaylistFragmentResults: 4 });
    const seen = new Set<number>();
    for (const { initUrl, url, number } of (await readPlaylist(await mediaPlaylistUrl(master))).fragments) {
      const pictures = await decodeRgb(Buffer.concat([await getBytes(initUrl), await getBytes(url)]), 320, 180);
      const { frames } = emulated.camera(name).truth(number)!;
      assert.deepEqual(pictures.map((rgb) => readCounter(rgb, 320, 180, 3)), frames.map(({ counter }) => counter));
      for (const [i, rgb] of pictures.entries()) {
        seen.add(frames[i]!.counter);
        if (i % 10 !== 0) continue;
        const jpeg = await sharp(rgb, { raw: { width: 320, height: 180, channels: 3 } }).resize(160, 90).jpeg({ quality: 60 }).toBuffer();
        const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
        assert.equal(readCounter(data, info.width, info.height, info.channels), frames[i]!.counter);
      }
    }
    assert.ok(seen.size >= 100, `${seen.size} different numbers`);
  });
}

test("a picture without a counter is refused, not misread", () => {
  assert.throws(() => readCounter(Buffer.alloc(320 * 180 * 3, 128), 320, 180, 3), /no counter in the picture/);
  assert.throws(() => readCounter(Buffer.alloc(320 * 180 * 3), 320, 180, 3), /no counter in the picture/);
});
