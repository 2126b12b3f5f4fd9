import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import type { ConnectionState, Frame } from "../../src/index.js";
import { childrenRunning } from "../helpers/children.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,size=160x90,fps=15,fragment=1,loop=4")], limits: false });
const tracks: string[] = [];
const withSound = new Emulated({
  cameras: [parseCamera("front=testsrc,size=160x90,fps=15,fragment=1,loop=4,audio")],
  onRequest: ({ query }) => void tracks.push(...query.getAll("TrackNumber")),
});
const open = (options = {}) => openSource(emulated.emulator.url, { streamName: "front", ...options });
const key = ({ fragment, index }: Frame): string => `${fragment}/${String(index).padStart(6, "0")}`;

test("states go from disconnected over connecting and connected back to disconnected", async () => {
  const states: ConnectionState[] = [];
  const source = open({ onEvent: (event: { type: string; state: ConnectionState }) => event.type === "state" && states.push(event.state) });
  assert.equal(source.state, "disconnected");
  for await (const frame of source) {
    assert.equal(source.state, "connected");
    assert.ok(frame.data.length === 160 * 90 * 3);
    break;
  }
  assert.deepEqual(states, ["connecting", "connected", "disconnected"]);
});

test("breaking out leaves nothing running, and reading again goes on after the last frame", async () => {
  const source = open();
  const seen: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    let taken = 0;
    for await (const frame of source) {
      seen.push(key(frame));
      if (++taken === 7) break;
    }
    assert.deepEqual(childrenRunning(), []);
  }
  assert.equal(seen.length, 21);
  assert.deepEqual(seen, [...new Set(seen)].sort());
});

test("an error in the loop's body cleans up and comes out", async () => {
  const source = open();
  await assert.rejects(async () => {
    for await (const frame of source) throw new Error(`no use for ${frame.width} pixels`);
  }, /no use for 160 pixels/);
  assert.deepEqual(childrenRunning(), []);
  assert.equal(source.state, "disconnected");
});

test("readFrame gives frame after frame, and undefined once the source is disposed of", async () => {
  const source = open({ pixelFormat: "gray8" });
  const [first, second] = [await source.readFrame(), await source.readFrame()];
  assert.equal(first?.data.length, 160 * 90);
  assert.equal(second?.index, first.index + 1);
  assert.equal(source.metrics.framesTotal, 2);
  assert.deepEqual([source.metrics.lastCapturedAt, source.metrics.lastFrameTimestamp], [second.capturedAt, second.capturedAt / 1000]);
  await source[Symbol.asyncDispose]();
  assert.deepEqual(childrenRunning(), []);
  assert.equal(await source.readFrame(), undefined);
});

test("disposing of a source ends a read that waits for the next frame, quietly and soon", async () => {
  const source = open();
  const rest = (async () => {
    let frames = 0;
    for await (const frame of source) frames += frame.keyframe ? 1 : 0;
    return frames;
  })();
  setTimeout(() => void source[Symbol.asyncDispose](), 1500);
  assert.ok((await rest) >= 1);
  assert.deepEqual(childrenRunning(), []);
});

test("the signal ends reading with its own reason", async () => {
  const controller = new AbortController();
  const source = open({ signal: controller.signal });
  await source.readFrame();
  const reason = new Error("enough");
  setTimeout(() => { controller.abort(reason); }, 300);
  await assert.rejects(async () => {
    for (;;) await source.readFrame();
  }, reason);
  assert.deepEqual(childrenRunning(), []);
});

test("a signal that is aborted already keeps the source from starting", async () => {
  const reason = new Error("never mind");
  await assert.rejects(open({ signal: AbortSignal.abort(reason) }).readFrame(), reason);
});

test("a second reader at the same time is refused", async () => {
  await using source = open();
  await source.readFrame();
  assert.throws(() => source[Symbol.asyncIterator](), /read already/);
});

test("of a stream with sound only the video is asked for", async () => {
  await using source = openSource(withSound.emulator.url, { streamName: "front" });
  for await (const { index } of source) if (index === 3) break;
  assert.ok(tracks.length >= 3);
  assert.deepEqual([...new Set(tracks)], ["1"]);
});

test("pictures come in the size asked for, the other side in proportion", async () => {
  for (const [resize, width, height] of [[{ width: 80 }, 80, 45], [{ height: 30 }, 53, 30], [{ width: 64, height: 64 }, 64, 64]] as const) {
    await using source = open({ resize, pixelFormat: "rgb24" });
    const frame = await source.readFrame();
    assert.deepEqual([frame?.width, frame?.height, frame?.data.length], [width, height, width * height * 3]);
  }
});
