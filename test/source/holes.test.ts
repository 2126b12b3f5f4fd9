import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "node:test";
import { parseCamera, type RequestHook } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions, SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";
import { assertTold, compareWithTruth, type SeenGap } from "../helpers/truth.js";

const CAMERA = "testsrc,fps=10,fragment=0.5,loop=4";
let isDown = false;
const onRequest: RequestHook = ({ streamName }) => (isDown && streamName === "cut" ? { destroy: true } : undefined);
const emulated = new Emulated({ cameras: [`cut=${CAMERA},size=64x48`, `still=${CAMERA},size=64x48`, `slow=${CAMERA},size=1280x720`, "old=testsrc,size=64x48,fps=5,fragment=2,loop=4,history=7200,retention=1"].map(parseCamera), onRequest });

interface Seen {
  readonly frames: Frame[];
  readonly gaps: SeenGap[];
  readonly sessions: string[];
  /** Frames and gaps in the order in which they were told. */
  readonly order: (Frame | SeenGap)[];
}

/** Reads until `isEnough`; `onFrame` is called with the count of frames so far. */
async function read(options: KvsHlsFrameSourceOptions, isEnough: (seen: Seen) => boolean, onFrame: (count: number) => unknown = () => undefined): Promise<Seen> {
  const seen: Seen = { frames: [], gaps: [], sessions: [], order: [] };
  const onEvent = (event: SourceEvent): void => {
    if (event.type === "session") seen.sessions.push(event.reason);
    if (event.type !== "gap") return;
    seen.gaps.push(event);
    seen.order.push(event);
  };
  const quick = { reconnectDelay: 0.1, maxReconnectDelay: 0.5, maxConsecutiveErrors: 1000, pixelFormat: "gray8" as const };
  await using source = openSource(emulated.emulator.url, { ...quick, ...options, onEvent });
  for await (const frame of source) {
    seen.frames.push(frame);
    seen.order.push(frame);
    if (isEnough(seen)) break;
    await onFrame(seen.frames.length);
  }
  return seen;
}

/** An outage of eight seconds, which is more than the ten fragments of half a second that a live list holds. */
async function outage(count: number): Promise<void> {
  if (count !== 12) return;
  isDown = true;
  setTimeout(() => (isDown = false), 8000);
}

describe("after an outage longer than the live window", () => {
  test("complete delivery fetches what was missed from the archive, in order", async () => {
    const { frames, gaps, sessions } = await read({ streamName: "cut", delivery: "complete" }, ({ frames: all }) => all.length >= 130, outage);
    assert.deepEqual(compareWithTruth(emulated.camera("cut"), frames), []);
    assert.deepEqual(gaps, []);
    assert.deepEqual([...new Set(sessions)], ["start", "reconnect", "archive"]);
    assert.ok(sessions.filter((reason) => reason === "archive").length === 1, `sessions ${sessions.join(", ")}`);
  });

  test("live delivery goes on with what is listed, and tells what is missing with the frame after it", async () => {
    const { frames, gaps, order, sessions } = await read({ streamName: "cut" }, ({ frames: all }) => all.length >= 60, outage);
    const missing = compareWithTruth(emulated.camera("cut"), frames);
    assert.ok(missing.length >= 15, `${missing.length} missing`);
    assert.deepEqual(gaps.map(({ cause }) => cause), ["window"]);
    assertTold(missing, gaps);
    assert.ok(!sessions.includes("archive"));
    const at = order.indexOf(gaps[0]!);
    assert.ok((order[at - 1] as Frame).capturedAt < gaps[0]!.fromMs && (order[at + 1] as Frame).capturedAt >= gaps[0]!.toMs);
  });
});

test("a camera that was off for a while leaves a gap of that name, however it is delivered", async () => {
  for (const delivery of ["live", "complete"] as const) {
    const camera = emulated.camera("still");
    const pause = (count: number): void => {
      if (count !== 12) return;
      camera.setOnline(false);
      setTimeout(() => camera.setOnline(true), 4000);
    };
    const { frames, gaps } = await read({ streamName: "still", delivery }, ({ gaps: told, frames: all }) => told.length === 1 && all.length > 30, pause);
    assert.deepEqual(compareWithTruth(camera, frames), []);
    assert.deepEqual(gaps.map(({ cause }) => cause), ["offline"]);
    const lengthMs = gaps[0]!.toMs - gaps[0]!.fromMs;
    assert.ok(lengthMs >= 3500 && lengthMs <= 4500, `${lengthMs} ms`);
  }
});

test("what the service threw away by then is told apart from what it still keeps, which comes", async () => {
  const HOUR_MS = 3_600_000;
  const camera = emulated.camera("old");
  const startedAt = Date.now();
  const [oldest] = camera.fragments(startedAt - 2 * HOUR_MS, startedAt, "producer");
  const capturedAt = startedAt - 1.5 * HOUR_MS;
  const resumeAfter = { fragment: String(BigInt(oldest!.number) - 10n ** 25n), index: 0, capturedAt, pts: 0 };
  const { frames, gaps } = await read({ streamName: "old", resumeAfter }, ({ frames: all }) => all.length === 50);
  const keptSince = frames[0]!.capturedAt;
  // The border moves on while the archive is read.
  assert.ok(keptSince >= startedAt - HOUR_MS && keptSince <= Date.now() - HOUR_MS + 30_000, `first frame ${startedAt - keptSince} ms old at the start`);
  assert.deepEqual(compareWithTruth(camera, frames), []);
  assert.deepEqual(gaps.map(({ cause }) => cause), ["window"].concat(gaps.length > 1 ? ["offline"] : []));
  assert.equal(gaps[0]?.fromMs, capturedAt);
  assert.ok(gaps.at(-1)!.toMs === keptSince && keptSince - gaps[0]!.toMs <= 4000 + Date.now() - startedAt, "but for the two fragments that the border can go through by then");
});

describe("a consumer at a third of the camera's pace", { concurrency: true }, () => {
  const slowly = (): Promise<void> => sleep(300);

  test("gets frames within the lag allowed from live delivery, and is told what was skipped", async () => {
    const lags: number[] = [];
    const maxLag = 3;
    const { frames, gaps, order } = await read({ streamName: "slow", maxLag }, ({ gaps: told, frames: all }) => {
      const { capturedAt } = all.at(-1)!;
      const newest = emulated.camera("slow").fragments(capturedAt, Date.now(), "producer").at(-1);
      lags.push((newest?.startMs.producer ?? 0) - capturedAt);
      return told.length === 3;
    }, slowly);
    assert.ok(Math.max(...lags) <= maxLag * 1000 + 700, `up to ${Math.max(...lags)} ms behind the newest fragment`);
    assert.deepEqual([...new Set(gaps.map(({ cause }) => cause))], ["lag"]);
    assertTold(compareWithTruth(emulated.camera("slow"), frames), gaps);
    for (const gap of gaps) {
      const at = order.indexOf(gap);
      assert.ok((order[at - 1] as Frame).capturedAt < gap.fromMs);
      if (at + 1 < order.length) assert.equal((order[at + 1] as Frame).capturedAt, gap.toMs);
    }
  });

  test("loses nothing with complete delivery, also when the list slides past it", async () => {
    const { frames, gaps, sessions } = await read({ streamName: "slow", delivery: "complete" }, ({ frames: all }) => all.length === 100, slowly);
    assert.deepEqual(compareWithTruth(emulated.camera("slow"), frames), []);
    assert.deepEqual(gaps, []);
    assert.ok(sessions.includes("archive"));
  });
});
