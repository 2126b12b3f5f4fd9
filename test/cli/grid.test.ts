import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { kvsFrames } from "../helpers/kvs-frames.js";

const [SECONDS, FPS, TICK_MS, FRAGMENT_MS] = [60, 5, 200, 2000];
const CAMERAS = ["even=testsrc,size=320x180", "ntsc=testsrc,size=320x180,fps=29.97,bframes=2", "irregular=testsrc,size=320x180,vfr"];
const emulated = new Emulated({ cameras: CAMERAS.map(parseCamera) });

describe(`--target-fps ${FPS} for ${SECONDS} s: the first frame at or after each tick, and no growing lag`, { concurrency: true }, () => {
  for (const camera of ["even", "ntsc", "irregular"]) {
    test(camera, async () => {
      const flags = ["--stream-name", camera, "--target-fps", String(FPS), "--duration", `${SECONDS}s`, "--no-images"];
      const { code, records, stderr } = await kvsFrames(["pull", "--endpoint-url", emulated.emulator.url, ...flags]);
      assert.equal(code, 0, stderr);
      const frames = records.filter(({ type }) => type === "frame");
      const times = frames.map(({ capturedAtMs }) => Number(capturedAtMs));
      // One more where the last frame follows its tick closer than the first did.
      assert.ok(times.length - SECONDS * FPS === 0 || times.length - SECONDS * FPS === 1, `${times.length} frames`);
      const captured = emulated.camera(camera).fragments(times[0]! - 5000, times.at(-1)!, "producer").flatMap((fragment) => fragment.frames);
      const all = captured.map(({ producerMs }) => Math.round(producerMs));
      const firstTick = Math.floor(times[0]! / TICK_MS) * TICK_MS;
      const due = times.map((_, n) => all.find((time) => time >= firstTick + n * TICK_MS));
      // The emulator's truth and PROGRAM-DATE-TIME round to milliseconds each for itself.
      times.forEach((time, n) => assert.ok(Math.abs(time - due[n]!) <= 1, `tick ${n}: ${time}, first frame at or after it is ${due[n]}`));
      const { lagStartMs, lagEndMs, gaps } = records.at(-1) as { lagStartMs: number; lagEndMs: number; gaps: number };
      assert.ok(lagEndMs <= lagStartMs + FRAGMENT_MS, `lag was ${lagStartMs} ms at the start, ${lagEndMs} ms at the end`);
      assert.equal(gaps, 0);
    });
  }
});
