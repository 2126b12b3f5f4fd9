import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeMedia, startEmulator, type Emulator, type Media } from "../../src/emulator/index.js";
import { DecoderPool, type Frame, type KvsHlsFrameSource } from "../../src/index.js";
import { childrenRunning } from "../helpers/children.js";
import { readCounter } from "../helpers/counter.js";
import { FFMPEG } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const SIZE = { width: 320, height: 180 };
let emulator: Emulator;
before(async () => {
  const source = { kind: "testsrc", size: SIZE, fps: "10", fragmentSeconds: 0.5, loopSeconds: 3 } as const;
  const [same, other] = await Promise.all([source, { ...source, bframes: 2 }].map((each): Promise<Media> => encodeMedia({ path: FFMPEG }, each)));
  emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [...["a", "b", "c"].map((name) => ({ name, source: same! })), { name: "other", source: other! }] });
});
after(() => emulator.close());

const open = (streamName: string, decoders?: DecoderPool): KvsHlsFrameSource =>
  openSource(emulator.url, { streamName, sampling: "keyframe", pixelFormat: "gray8", ...(decoders && { decoders }), signal: AbortSignal.timeout(60_000) });

/** So many frames, each of which must be this camera's own. */
async function read(source: KvsHlsFrameSource, name: string, count = 3): Promise<Frame[]> {
  const frames: Frame[] = [];
  while (frames.length < count) {
    const frame = (await source.readFrame())!;
    assert.equal(readCounter(frame.data, SIZE.width, SIZE.height, 1), emulator.cameras.get(name)!.truth(frame.fragment)!.frames[frame.index]!.counter);
    frames.push(frame);
  }
  return frames;
}

test("sources of one configuration share one ffmpeg, of another have another, and closing one leaves the others running", async () => {
  assert.deepEqual(childrenRunning(), []);
  const decoders = new DecoderPool();
  const sources = new Map(["a", "b", "c", "other"].map((name) => [name, open(name, decoders)]));
  try {
    await Promise.all(["a", "b", "c"].map((name) => read(sources.get(name)!, name)));
    assert.equal(childrenRunning().length, 1);
    await read(sources.get("other")!, "other");
    assert.equal(childrenRunning().length, 2);
    const running = childrenRunning();
    await sources.get("a")![Symbol.asyncDispose]();
    assert.deepEqual(childrenRunning(), running);
    await Promise.all(["b", "c", "other"].map((name) => read(sources.get(name)!, name)));
    assert.deepEqual(childrenRunning(), running);
    await Promise.all([...sources.values()].map((source) => source[Symbol.asyncDispose]()));
    assert.deepEqual(childrenRunning(), running, "they end with the pool");
  } finally {
    await decoders[Symbol.asyncDispose]();
  }
  assert.deepEqual(childrenRunning(), []);
});

test("sources without a pool have one ffmpeg each, and none when they are closed", async () => {
  const sources = ["a", "b"].map((name) => ({ name, source: open(name) }));
  await Promise.all(sources.map(({ name, source }) => read(source, name)));
  assert.equal(childrenRunning().length, 2);
  await Promise.all(sources.map(({ source }) => source[Symbol.asyncDispose]()));
  assert.deepEqual(childrenRunning(), []);
});

test("frames that are released go back to where they came from, and to nobody twice", async () => {
  const decoders = new DecoderPool();
  const sources = ["a", "b"].map((name) => ({ name, source: open(name, decoders) }));
  const held: { frame: Frame; copy: Buffer }[] = [];
  for (let round = 0; round < 4; round++) {
    for (const { name, source } of sources) {
      const [released, kept] = await read(source, name, 2) as [Frame, Frame];
      held.push({ frame: kept, copy: Buffer.from(kept.data) });
      source.release(released);
      source.release(released);
    }
  }
  for (const { frame, copy } of held) assert.ok(frame.data.equals(copy), "what was not released was written over");
  for (const { source } of sources) await source[Symbol.asyncDispose]();
  await decoders[Symbol.asyncDispose]();
});
