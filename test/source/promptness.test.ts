import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CameraSpec, TestSource } from "../../src/emulator/index.js";
import type { SourceOptions } from "../../src/core/options.js";
import { ARCHIVE_THREADS, Promptness } from "../../src/source/promptness.js";
import { makeClip, type ClipOptions } from "../helpers/clip.js";
import { readClip, setupOf } from "../helpers/coded.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const LATENCY_MS = 300;
const FRAGMENTS = 6;
const small: TestSource = { kind: "testsrc", size: { width: 160, height: 90 }, fps: "15", loopSeconds: 8 };
const SOURCES: Readonly<Record<string, TestSource>> = {
  "h264": small,
  "h264-b-frames": { ...small, bframes: 3 },
  "h265": { ...small, codec: "h265" },
  "h265-b-frames": { ...small, codec: "h265", bframes: 3 },
};
const emulated = new Emulated({ cameras: Object.entries(SOURCES).map(([name, source]): CameraSpec => ({ name, source, latencyMs: LATENCY_MS })) });

describe("the last frame of a live fragment does not wait for the next fragment", { concurrency: true }, () => {
  const all = Object.keys(SOURCES).flatMap((name) => (["ffmpeg", "node-av"] as const).map((decoder) => ({ name, decoder })));
  for (const { name, decoder } of all) {
    test(`${name}, decoder ${decoder}`, async (context) => {
      await using source = openSource(emulated.emulator.url, { streamName: name, decoder });
      const lateness: number[] = [];
      for await (const { fragment, index } of source) {
        const { frames, startMs, durationMs } = emulated.camera(name).truth(fragment)!;
        if (index < frames.length - 1) continue;
        lateness.push(Date.now() - (startMs.producer + durationMs + LATENCY_MS));
        if (lateness.length === FRAGMENTS) break;
      }
      // The first was listed before we came.
      const sorted = lateness.slice(1).sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)]!;
      context.diagnostic(`${Math.round(median)} ms after its listing`);
      assert.ok(median < 1000, `delivered ${sorted.map(Math.round).join(", ")} ms after their fragments were listed`);
    });
  }
});

describe("threads and pictures to push out", () => {
  const HISTORY = { end: Date.now() };
  const cases: readonly [string, ClipOptions, Partial<SourceOptions>, readonly [threads: number, heldBack: number]][] = [
    ["live H.264 in order: two threads, of which one is behind", {}, {}, [2, 1]],
    ["live H.264 with B-frames: one, for damage shows itself only so", { bFrames: 3 }, {}, [1, 2]],
    ["live H.265 with B-frames", { codec: "libx265", bFrames: 3 }, {}, [2, 3]],
    ["the archive's H.264 in order: many threads, nothing to push", {}, HISTORY, [ARCHIVE_THREADS, 0]],
    ["the archive's H.264 in order, sampled: one, which is the least work", {}, { ...HISTORY, targetFps: 5 }, [1, 0]],
    ["the archive's H.264 with B-frames", { bFrames: 3 }, HISTORY, [1, 0]],
    ["live H.264 with B-frames in this process, where damage shows itself", { bFrames: 3 }, { decoder: "node-av" }, [2, 3]],
    ["the archive's H.264 with B-frames in this process", { bFrames: 3 }, { ...HISTORY, decoder: "node-av" }, [ARCHIVE_THREADS, 0]],
    ["the archive's H.265 with B-frames", { codec: "libx265", bFrames: 3 }, HISTORY, [ARCHIVE_THREADS, 0]],
  ];
  for (const [name, clipOptions, options, wanted] of cases) {
    test(name, async () => {
      const clip = await makeClip(clipOptions);
      const pictures = readClip(clip)[1]!;
      const promptness = new Promptness({ decoder: "ffmpeg", ...options }, setupOf(clip));
      const heldBack = promptness.heldBack(pictures);
      assert.deepEqual([promptness.threads, heldBack], wanted);
      assert.equal(promptness.heldBack(pictures.slice(1)), 0, "what is no IDR picture cannot be repeated");
    });
  }
});
