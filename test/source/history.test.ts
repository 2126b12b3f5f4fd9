import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KVSConnectionError } from "../../src/core/errors.js";
import { parseCamera, type Camera } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";
import { assertTold, compareWithTruth, type SeenGap } from "../helpers/truth.js";

const SECOND_MS = 1000;
const emulated = new Emulated({
  cameras: [
    "front=testsrc,size=64x48,fps=10,fragment=2,loop=4,history=1800,bframes=2",
    "gappy=testsrc,size=64x48,fps=10,fragment=2,loop=4,history=1800",
    "off=testsrc,size=64x48,fps=10,fragment=2,loop=4,history=1800",
    "old=testsrc,size=64x48,fps=1,fragment=10,loop=20,history=5400,retention=1",
  ].map(parseCamera),
});

interface Seen {
  readonly frames: Frame[];
  readonly gaps: SeenGap[];
  readonly sessions: string[];
}

async function read(options: KvsHlsFrameSourceOptions, count = Infinity): Promise<Seen> {
  const seen: Seen = { frames: [], gaps: [], sessions: [] };
  await using source = openSource(emulated.emulator.url, {
    pixelFormat: "gray8",
    ...options,
    onEvent: (event) => {
      if (event.type === "session") seen.sessions.push(event.reason);
      if (event.type === "gap") seen.gaps.push(event);
    },
  });
  for await (const frame of source) if (seen.frames.push(frame) === count) break;
  return seen;
}

/** Times of all that a camera captured from one time to before another. */
const captured = (camera: Camera, fromMs: number, toMs: number, clock: "producer" | "server" = "producer"): number[] =>
  camera
    .fragments(fromMs - 20 * SECOND_MS, toMs, clock)
    .flatMap(({ frames }) => frames.map(({ producerMs, serverMs }) => Math.round(clock === "producer" ? producerMs : serverMs)))
    .filter((time) => time >= fromMs && time < toMs);

const ago = (seconds: number): number => Date.now() - seconds * SECOND_MS;

describe("a stretch of the archive", { concurrency: true }, () => {
  for (const clock of ["producer", "server"] as const) {
    test(`comes to the frame, though it begins and ends in the middle of fragments, on the ${clock} clock`, async () => {
      const [start, end] = [ago(301.234), ago(260.777)];
      const { frames, gaps, sessions } = await read({ streamName: "front", start, end, clock });
      assert.deepEqual(frames.map(({ capturedAt }) => capturedAt), captured(emulated.camera("front"), start, end, clock));
      assert.deepEqual(compareWithTruth(emulated.camera("front"), frames, clock), []);
      assert.deepEqual([gaps, sessions], [[], ["archive"]]);
    });
  }

  test("begins and ends with a frame at its start, and before one at its end", async () => {
    const [fragment] = emulated.camera("front").fragments(ago(300), ago(290), "producer");
    const [start, end] = [fragment!.frames[3]!, fragment!.frames[9]!].map(({ producerMs }) => Math.round(producerMs));
    const { frames } = await read({ streamName: "front", start: start!, end: end! });
    assert.deepEqual(frames.map(({ index }) => index), [3, 4, 5, 6, 7, 8]);
  });

  test("is sampled on the same grid as the live stream", async () => {
    const [start, end] = [ago(300), ago(250)];
    const { frames } = await read({ streamName: "front", start, end, targetFps: 0.5, sampling: "exact" });
    const ticks = frames.map(({ capturedAt }) => Math.floor((capturedAt + 0.5) / 2000));
    assert.equal(new Set(ticks).size, frames.length);
    assert.ok(frames.length >= 24 && frames.every(({ capturedAt }) => capturedAt % 2000 < 100), frames.map(({ capturedAt }) => capturedAt % 2000).join());
  });

  test("tells what is missing at its start, within and at its end, to the frame", async () => {
    const camera = emulated.camera("gappy");
    for (const [from, to] of [[620, 590], [560, 550], [530, 490]] as const) camera.goOffline(ago(from), ago(to));
    const [start, end] = [ago(610), ago(500)];
    const { frames, gaps } = await read({ streamName: "gappy", start, end });
    const times = captured(camera, start, end);
    assert.deepEqual(frames.map(({ capturedAt }) => capturedAt), times);
    assertTold(compareWithTruth(camera, frames), gaps);
    assert.deepEqual(gaps.map(({ cause }) => cause), ["offline", "offline", "offline"]);
    assert.deepEqual([gaps[0]!.fromMs, gaps[0]!.toMs, gaps[2]!.toMs], [start, times[0], end]);
    assert.ok(Math.abs(gaps[2]!.fromMs - times.at(-1)! - 100) <= 1);
  });

  test("that began before the service's retention tells what was thrown away", async () => {
    const [start, end] = [ago(5000), ago(3000)];
    const { frames, gaps } = await read({ streamName: "old", start, end });
    assert.deepEqual(gaps.map(({ cause }) => cause), ["window"].concat(gaps.length > 1 ? ["offline"] : []));
    assert.deepEqual([gaps[0]!.fromMs, gaps.at(-1)!.toMs], [start, frames[0]!.capturedAt]);
    assert.ok(frames[0]!.capturedAt - ago(3600) < 40 * SECOND_MS);
    assert.equal(frames.at(-1)!.capturedAt, captured(emulated.camera("old"), start, end).at(-1));
  });

  for (const [what, from, to] of [["outside the retention", 5300, 5000], ["before the stream", 20_000, 19_000]] as const) {
    test(`${what} is no media, and says when`, async () => {
      const [start, end] = [ago(from), ago(to)];
      const expected = `no frame is stored from ${new Date(start).toISOString()} to ${new Date(end).toISOString()} (producer clock)`;
      await assert.rejects(read({ streamName: "old", start, end }), (error) => error instanceof KVSConnectionError && error.code === "NO_MEDIA" && error.message === expected);
    });
  }

  test("goes on after the last frame of an earlier run", async () => {
    const [start, end] = [ago(400), ago(360)];
    const first = await read({ streamName: "front", start, end }, 133);
    const second = await read({ streamName: "front", start, end, resumeAfter: first.frames.at(-1)! });
    assert.deepEqual([...first.frames, ...second.frames].map(({ capturedAt }) => capturedAt), captured(emulated.camera("front"), start, end));
    assert.deepEqual(second.gaps, []);
  });
});

describe("from the archive into the live stream", { concurrency: true }, () => {
  test("there is no seam", async () => {
    const start = ago(30.5);
    const { frames, gaps, sessions } = await read({ streamName: "front", start }, 330);
    assert.deepEqual(compareWithTruth(emulated.camera("front"), frames), []);
    assert.equal(frames[0]!.capturedAt, captured(emulated.camera("front"), start, start + SECOND_MS)[0]);
    assert.deepEqual(gaps, []);
    assert.deepEqual([sessions[0], sessions.includes("start")], ["archive", true]);
  });

  test("what is stored comes though the camera is off by now", async () => {
    emulated.camera("off").goOffline(ago(60), Infinity);
    const start = ago(90);
    const frames: Frame[] = [];
    await using source = openSource(emulated.emulator.url, { streamName: "off", start, pixelFormat: "gray8", wait: 3 });
    await assert.rejects(async () => {
      for await (const frame of source) frames.push(frame);
    }, { code: "NO_MEDIA" });
    assert.deepEqual(frames.map(({ capturedAt }) => capturedAt), captured(emulated.camera("off"), start, Date.now()));
  });
});
