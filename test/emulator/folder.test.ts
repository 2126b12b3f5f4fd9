import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { parseCamera, startEmulator } from "../../src/emulator/index.js";
import { makeClip } from "../helpers/clip.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { initOf, oneSample, writeFolder } from "../helpers/folder-camera.js";
import { assertLoop, listingsOf } from "../helpers/folder-listing.js";
import { getBytes, getText } from "../helpers/playlist.js";

const plain = await makeClip({ frames: 30 });
const small = await makeClip({ size: "32x32", codec: "libx265" });

const numbered = plain.fragments.map((bytes, i) => ({ name: `${[2, 9, 10][i]}.m4s`, bytes }));
const FOLDERS = {
  plain: await writeFolder([{ name: "init.mp4", bytes: plain.init }, ...numbered]),
  two: await writeFolder([
    { name: "1-init.mp4", bytes: plain.init },
    { name: "2.m4s", bytes: plain.fragments[0]! },
    { name: "3-init.mp4", bytes: plain.init },
    { name: "4.m4s", bytes: plain.fragments[1]! },
    { name: "5-init.mp4", bytes: small.init },
    { name: "6.m4s", bytes: small.fragments[0]! },
  ]),
  bare: await writeFolder([{ name: "1", bytes: Buffer.concat([initOf(1000), oneSample(0)]) }]),
  small: await writeFolder([{ name: "whole.mp4", bytes: small.whole }]),
};

const cameras = Object.entries(FOLDERS).map(([name, path]) =>
  parseCamera(`${name}=${path},history=60`),
);
const emulated = new Emulated({ cameras, limits: false });
const { live, archive } = listingsOf(emulated);

for (const [mode, listing] of Object.entries({ live, archive })) {
  test(`a folder is served byte for byte, by names as people count: ${mode}`, async () => {
    const playlist = await listing("plain");
    assert.ok(playlist.fragments.length >= 20);
    await assertLoop(playlist, plain.fragments);
    assert.deepEqual(await getBytes(playlist.fragments[0]!.initUrl), plain.init);
    for (const [i, { durationMs, startMs, number }] of playlist.fragments.entries()) {
      const truth = emulated.camera("plain").truth(number)!;
      assert.deepEqual([durationMs, startMs], [1000, playlist.fragments[0]!.startMs + i * 1000]);
      assert.equal(truth.startMs.producer, startMs);
      assert.deepEqual(
        truth.frames.map(({ producerMs, keyframe }) => [
          Math.round(producerMs) - startMs,
          keyframe,
        ]),
        Array.from({ length: 10 }, (_, frame) => [frame * 100, frame === 0]),
      );
    }
    const counters = playlist.fragments.map(
      ({ number }) => emulated.camera("plain").truth(number)!.frames[0]!.counter,
    );
    assert.deepEqual(
      [...new Set(counters)].sort((a, b) => a - b),
      [0, 10, 20],
    );
  });
}

test("the map changes with the bytes of the init segment, and only then", async () => {
  const { fragments } = await archive("two");
  const seen: string[] = [];
  for (const { initUrl, number, url } of fragments) {
    const isSmall = (await getBytes(url)).equals(small.fragments[0]!);
    assert.deepEqual(await getBytes(initUrl), isSmall ? small.init : plain.init);
    assert.equal(emulated.camera("two").truth(number)!.initId, isSmall ? 1 : 0);
    seen.push(`${isSmall} ${initUrl}`);
  }
  assert.equal(new Set(seen.slice(0, 3)).size, 2);
});

test("the seam of the loop is a discontinuity where the service marks any", async () => {
  const { fragments } = await live("plain");
  for (const { url, isDiscontinuous } of fragments.slice(1)) {
    assert.equal(isDiscontinuous, (await getBytes(url)).equals(plain.fragments[0]!));
  }
});

test("the master playlist says what the init segment does", async () => {
  const streamInfo = async (name: string) =>
    /#EXT-X-STREAM-INF:(.*)/.exec(await getText(await emulated.open(name)))![1]!;
  assert.match(
    await streamInfo("plain"),
    /^CODECS="avc1\.[0-9a-f]{6}",RESOLUTION=64x48,FRAME-RATE=10\.0,BANDWIDTH=\d+$/,
  );
  assert.match(
    await streamInfo("small"),
    /^CODECS="hvc1\.1\.6\.L30\.90",RESOLUTION=32x32,FRAME-RATE=10\.0,BANDWIDTH=\d+$/,
  );
  assert.equal(await streamInfo("bare"), 'CODECS="avc1.640028",BANDWIDTH=864');
  const { mediaType } = emulated.camera("small").description;
  assert.equal(mediaType, "video/h265");
});

test("ListFragments has the sizes of the files", async () => {
  const TimestampRange = {
    StartTimestamp: new Date(Date.now() - 20_000),
    EndTimestamp: new Date(),
  };
  const FragmentSelector = { FragmentSelectorType: "SERVER_TIMESTAMP", TimestampRange } as const;
  const { Fragments } = await emulated
    .archived()
    .listFragments({ StreamName: "plain", FragmentSelector });
  const sizes = new Set(Fragments!.map(({ FragmentSizeInBytes }) => FragmentSizeInBytes));
  assert.deepEqual(sizes, new Set(plain.fragments.map(({ length }) => length)));
  assert.ok(
    Fragments!.every(({ FragmentLengthInMilliseconds }) => FragmentLengthInMilliseconds === 900),
  );
});

test("GetImages decodes what can be decoded, and says so of the rest", async () => {
  const images = async (StreamName: string) => {
    const { fragments } = await archive(StreamName);
    const StartTimestamp = new Date(fragments[0]!.startMs);
    const range = { StartTimestamp, EndTimestamp: StartTimestamp, SamplingInterval: 1000 };
    const { Images } = await emulated
      .archived()
      .getImages({ StreamName, ...range, ImageSelectorType: "PRODUCER_TIMESTAMP", Format: "JPEG" });
    return { image: Images![0]!, fragment: await getBytes(fragments[0]!.url) };
  };
  const { image } = await images("plain");
  const { width, height } = await sharp(Buffer.from(image.ImageContent!, "base64")).metadata();
  assert.deepEqual([width, height], [64, 48]);
  assert.equal((await images("bare")).image.Error, "MEDIA_ERROR");
});

test("no ffmpeg is run for a folder", async () => {
  assert.notEqual(FFMPEG, "/never/run");
  const emulator = await startEmulator({ ffmpeg: "/never/run", cameras });
  await emulator.close();
});
