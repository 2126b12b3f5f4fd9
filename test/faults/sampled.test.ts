import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import { encodeMedia, startEmulator, type Camera, type Emulator, type FaultInput, type Media } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions, SourceEvent } from "../../src/index.js";
import { FFMPEG } from "../helpers/emulated.js";
import { fingerprintsOf } from "../helpers/fault-run.js";
import { drawFaults } from "../helpers/random-faults.js";
import { openSource } from "../helpers/read-frames.js";
import type { SeenGap } from "../helpers/truth.js";

/** One seed again: SEED=17; more of them: SEEDS=300, from FIRST_SEED on; one sampling only: SAMPLING=keyframe. */
const { SEED, SEEDS = "4", FIRST_SEED, SAMPLING } = process.env;
const first = Number(SEED ?? FIRST_SEED ?? Math.floor(Math.random() * 1e6));
const seeds = Array.from({ length: SEED === undefined ? Number(SEEDS) : 1 }, (_, place) => first + place);
const samplings = (["keyframe", "exact"] as const).filter((sampling) => (SAMPLING ?? sampling) === sampling);

const FPS = 10;
const LOOP_SECONDS = 4.5;
const LENGTH_MS = 10_000;
const FRAGMENT_MS = 500;
const TARGET_FPS = 1;
const QUICK = { timeout: 1.5, reconnectDelay: 0.1, maxReconnectDelay: 0.5, maxConsecutiveErrors: 1000, delivery: "complete", pixelFormat: "gray8" } as const;
/** What takes so much longer than the footage itself hangs. */
const HANGS_AFTER_MS = 60_000;

const cameras = [{ bframes: 0 }, { bframes: 2 }, { bframes: 2, codec: "h265" as const }];
const decoders = ["ffmpeg", "node-av"] as const;
let media: Media[];
let prints: Map<number, string>[];
before(async () => {
  media = await Promise.all(cameras.map((camera) => encodeMedia({ path: FFMPEG }, { kind: "testsrc", size: { width: 160, height: 90 }, fps: `${FPS}/1`, fragmentSeconds: FRAGMENT_MS / 1000, loopSeconds: LOOP_SECONDS, ...camera })));
  prints = await Promise.all(media.map((each) => fingerprintsOf(each, FPS * LOOP_SECONDS)));
});

interface Run {
  readonly frames: Pick<Frame, "fragment" | "index" | "capturedAt">[];
  readonly gaps: SeenGap[];
  readonly emulator: Emulator;
  readonly camera: Camera;
}

/** Reads with things going wrong, and checks each frame by itself: its picture, its time, its place after the one before. */
async function run(which: number, faults: readonly FaultInput[], sessionSeconds: number | undefined, options: Partial<KvsHlsFrameSourceOptions>): Promise<Run> {
  const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [{ name: "front", source: media[which]! }], faults, sessionSeconds, switches: { ranges: which % 2 === 0 ? "honoured" : "ignored" } });
  const startedAt = Date.now();
  const camera = emulator.cameras.get("front")!;
  const [frames, gaps]: [Run["frames"], SeenGap[]] = [[], []];
  const onEvent = (event: SourceEvent): unknown => event.type === "gap" && gaps.push(event);
  try {
    await using source = openSource(emulator.url, { ...QUICK, ...options, streamName: "front", onEvent, signal: AbortSignal.timeout(LENGTH_MS + HANGS_AFTER_MS) });
    for await (const { data, fragment, index, capturedAt, keyframe } of source) {
      const name = `frame ${fragment}/${index}`;
      const truth = camera.truth(fragment)!;
      const due = truth.frames[index]!;
      assert.ok(Math.abs(capturedAt - due.producerMs) <= 1, `${name} at ${capturedAt}, wanted ${due.producerMs}`);
      const last = frames.at(-1);
      if (last) assert.ok(BigInt(fragment) > BigInt(last.fragment) || (fragment === last.fragment && index > last.index), `${name} after ${last.fragment}/${last.index}`);
      const isOverwritten = emulator.journal.some((entry) => entry.fragment === fragment && entry.fault === "corrupt");
      if (!isOverwritten) assert.equal(createHash("sha1").update(data).digest("base64"), prints[which]!.get(due.counter), `picture of ${name} is not the camera's`);
      if (options.sampling === "keyframe") assert.ok(keyframe && due.keyframe, `${name} is a key picture`);
      frames.push({ fragment, index, capturedAt });
      if (truth.startMs.server > startedAt + LENGTH_MS) break;
    }
    return { frames, gaps, emulator, camera };
  } finally {
    await emulator.close();
  }
}

const tickOf = (time: number): number => Math.floor(((time + 0.5) * TARGET_FPS) / 1000);

/** A tick without a frame is in a gap that was told, or has no picture; one with two came twice. */
function checkTicks({ frames, gaps, camera }: Run, sampling: "keyframe" | "exact"): void {
  const ticks = frames.map(({ capturedAt }) => tickOf(capturedAt));
  assert.deepEqual(ticks, [...new Set(ticks)].sort((a, b) => a - b), "one picture a tick, in order");
  const [from, to] = [frames[0]!.capturedAt, frames.at(-1)!.capturedAt];
  const sent = camera.fragments(from - 5000, to, "producer");
  for (let tick = tickOf(from) + 1; tick < tickOf(to); tick++) {
    if (ticks.includes(tick)) continue;
    const [fromMs, toMs] = [(tick * 1000) / TARGET_FPS, ((tick + 1) * 1000) / TARGET_FPS];
    const hasPicture = sent.some(({ frames: all }) => all.some(({ keyframe, producerMs }) => (keyframe || sampling === "exact") && tickOf(producerMs) === tick));
    const isTold = gaps.some((gap) => gap.fromMs < toMs && gap.toMs > fromMs);
    assert.ok(isTold || !hasPicture, `tick of ${fromMs} has no frame and is in none of the gaps ${JSON.stringify(gaps)}`);
  }
}

describe("with faults at random, a sampled stream has a picture for each tick or tells a gap, each the camera's own, once and in order", { concurrency: Number(process.env.CONCURRENCY ?? 4) }, () => {
  for (const seed of seeds) {
    for (const sampling of samplings) {
      test(`seed ${seed}, ${sampling}`, async (context) => {
        const which = seed % cameras.length;
        const decoder = decoders[seed % decoders.length];
        // A clock that is set, and footage that comes again, make of ticks something else.
        const drawn = drawFaults(seed, { fromMs: 1500, toMs: LENGTH_MS - 2000 });
        const faults = drawn.faults.filter(({ kind }) => kind !== "clock-step" && kind !== "resend");
        const told = `SEED=${seed}: ${JSON.stringify({ sampling, camera: cameras[which], decoder, sessionSeconds: drawn.sessionSeconds, faults })}`;
        try {
          const result = await run(which, faults, drawn.sessionSeconds, { sampling, targetFps: TARGET_FPS, decoder });
          assert.ok(result.frames.length > 0);
          checkTicks(result, sampling);
          context.diagnostic(`${result.frames.length} frames, ${result.gaps.length} gaps; ${told}`);
        } catch (error) {
          assert.fail(`${error instanceof Error ? error.message : String(error)}\n${told}`);
        }
      });
    }
  }
});

describe("fragments that lack their key picture", { concurrency: true }, () => {
  for (const which of cameras.keys()) {
    test(`give none, ${JSON.stringify(cameras[which])}`, async () => {
      const { frames, gaps } = await run(which, [{ kind: "non-key", at: "2s", for: "2s" }], undefined, { sampling: "keyframe" });
      assert.ok(gaps.length >= 3 && gaps.every(({ cause }) => cause === "corrupt"), JSON.stringify(gaps));
      assert.ok(frames.length > gaps.length);
    });
  }
});
