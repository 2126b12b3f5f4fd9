import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions, SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";
import { compareWithTruth, type SeenGap } from "../helpers/truth.js";

const CAMERA = "testsrc,size=64x48,fps=10,fragment=0.5,loop=4";
const emulated = new Emulated({ cameras: ["off", "gone", "frozen", "back", "ahead", "again"].map((name) => parseCamera(`${name}=${CAMERA}`)) });

interface Seen {
  readonly frames: Frame[];
  readonly gaps: SeenGap[];
  readonly events: SourceEvent[];
}

async function read(options: KvsHlsFrameSourceOptions, isEnough: (seen: Seen) => boolean, onFrame: (count: number) => unknown = () => undefined): Promise<Seen> {
  const seen: Seen = { frames: [], gaps: [], events: [] };
  const onEvent = (event: SourceEvent): void => {
    if (event.type !== "frame") seen.events.push(event);
    if (event.type === "gap") seen.gaps.push(event);
  };
  await using source = openSource(emulated.emulator.url, { pixelFormat: "gray8", ...options, onEvent });
  for await (const frame of source) {
    seen.frames.push(frame);
    if (isEnough(seen)) break;
    await onFrame(seen.frames.length);
  }
  return seen;
}

const atFrame = (wanted: number, what: () => unknown) => (count: number): void => {
  if (count === wanted) what();
};

describe("a camera that goes off", { concurrency: true }, () => {
  test("for longer than the service calls live is waited for, said so once, and goes on without a repetition", async () => {
    const off = atFrame(15, () => emulated.emulator.inject({ kind: "offline", stream: "off", for: "40s" }));
    const { frames, gaps, events } = await read({ streamName: "off" }, ({ gaps: told, frames: all }) => told.length > 0 && all.length > 40, off);
    assert.deepEqual(compareWithTruth(emulated.camera("off"), frames), []);
    assert.deepEqual(gaps.map(({ cause }) => cause), ["offline"]);
    const lengthMs = gaps[0]!.toMs - gaps[0]!.fromMs;
    assert.ok(lengthMs > 39_000 && lengthMs < 41_000, `${lengthMs} ms`);
    const of = (type: SourceEvent["type"]): SourceEvent[] => events.filter((event) => event.type === type);
    assert.equal(of("waiting").length, 1);
    assert.equal(of("reconnect").length, 0);
    assert.deepEqual(of("state").map((event) => event.type === "state" && event.state), ["connecting", "connected", "reconnecting", "connected", "disconnected"]);
    assert.ok(of("session").length <= 2, `${of("session").length} sessions`);
  });

  test("for longer than it is to be waited for is no media", async () => {
    const off = atFrame(15, () => emulated.emulator.inject({ kind: "offline", stream: "gone" }));
    const startedAt = Date.now();
    await assert.rejects(read({ streamName: "gone", wait: 8 }, () => false, off), { code: "NO_MEDIA", message: /waited \d+ s, as long as allowed/ });
    const tookMs = Date.now() - startedAt;
    assert.ok(tookMs > 8000 && tookMs < 16_000, `${tookMs} ms`);
  });
});

test("a list that stands still while the camera does not is left for that of a new session, and nothing is lost", async () => {
  const freeze = atFrame(15, () => emulated.emulator.inject({ kind: "frozen", stream: "frozen" }));
  const { frames, gaps, events } = await read({ streamName: "frozen", delivery: "complete" }, ({ frames: all }) => all.length === 300, freeze);
  assert.deepEqual(compareWithTruth(emulated.camera("frozen"), frames), []);
  assert.deepEqual(gaps, []);
  assert.ok(events.some((event) => event.type === "session" && event.reason === "still"));
});

describe("a camera's clock", { concurrency: true }, () => {
  test("that is set back five seconds repeats and loses no frame, and makes no gap", async () => {
    const step = atFrame(15, () => emulated.emulator.inject({ kind: "clock-step", stream: "back", byMs: -5017 }));
    const { frames, gaps } = await read({ streamName: "back" }, ({ frames: all }) => all.length === 120, step);
    assert.deepEqual(compareWithTruth(emulated.camera("back"), frames), []);
    assert.deepEqual(gaps, []);
    const steps = frames.slice(1).map(({ capturedAt }, index) => capturedAt - frames[index]!.capturedAt).filter((ms) => ms < 0);
    assert.deepEqual(steps, [-4917]);
  });

  test("that is set ahead five seconds loses no frame, and looks like a silence of the camera", async () => {
    const step = atFrame(15, () => emulated.emulator.inject({ kind: "clock-step", stream: "ahead", byMs: 5000 }));
    const { frames, gaps } = await read({ streamName: "ahead" }, ({ frames: all }) => all.length === 60, step);
    assert.deepEqual(compareWithTruth(emulated.camera("ahead"), frames), []);
    assert.deepEqual(gaps.map(({ cause, fromMs, toMs }) => [cause, toMs - fromMs]), [["offline", 5000]]);
  });

  test("that is set ahead further than live delivery may lag costs no frame either", async () => {
    const step = atFrame(75, () => emulated.emulator.inject({ kind: "clock-step", stream: "ahead", byMs: 60_000 }));
    const { frames } = await read({ streamName: "ahead" }, ({ frames: all }) => all.length === 130, step);
    assert.deepEqual(compareWithTruth(emulated.camera("ahead"), frames), []);
  });
});

test("footage that is sent once more is not delivered once more", async () => {
  const resend = atFrame(60, () => emulated.emulator.inject({ kind: "resend", stream: "again", ago: "5s", length: "2s" }));
  const { frames, gaps, events } = await read({ streamName: "again" }, ({ frames: all }) => all.length === 120, resend);
  const times = frames.map(({ capturedAt }) => capturedAt);
  assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b));
  assert.deepEqual(gaps, []);
  assert.equal(events.filter(({ type }) => type === "repeat").length, 4);
});
