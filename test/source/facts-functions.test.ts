import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { judge, OptionError, probe, takeSnapshot, timeline, verdictOf } from "../../src/index.js";
import { CREDENTIALS, Emulated, FFMPEG } from "../helpers/emulated.js";

const emulated = new Emulated({ limits: false, cameras: ["front=testsrc,size=64x36,fps=10,fragment=1,loop=2,history=120", "lost=testsrc,size=64x36,fps=10,fragment=1,loop=2,history=60,skew=-1700000000000"].map(parseCamera) });
const access = () => ({ endpointUrl: emulated.emulator.url, region: "us-east-1", credentials: CREDENTIALS });

describe("functions of the library", { concurrency: 2 }, () => {
  test("probe gives the facts, and judge what they mean", async () => {
    const facts = await probe({ ...access(), streamName: "front", window: 30 });
    assert.equal(facts.stream?.status, "ACTIVE");
    assert.equal(verdictOf(judge(facts)).level, "ok");
    const [worst] = judge(facts, { minFps: 14 });
    assert.deepEqual([worst?.id, worst?.level], ["min-fps", "problem"]);
    assert.ok(!judge(facts, { minFps: 14 }).some(({ id }) => id === "healthy"), "nothing is called healthy beside a broken threshold");
  });

  test("timeline gives what is stored between two times", async () => {
    const end = Date.now() - 10_000;
    const { range, stretches, gaps } = await timeline({ ...access(), streamName: "front", start: end - 30_000, end });
    assert.deepEqual([range.fromMs, range.toMs, gaps.length, stretches.length], [end - 30_000, end, 0, 1]);
    assert.ok((stretches[0]?.fragments ?? 0) >= 30);
  });

  test("timeline refuses what cannot be", async () => {
    assert.throws(() => timeline({ ...access(), streamName: "front", start: 2, end: 1 }), OptionError);
  });

  test("a snapshot of a camera whose clock is at 1970 says so", async () => {
    const taking = takeSnapshot({ ...access(), streamName: "lost", maxAge: 30, ffmpegPath: FFMPEG });
    await assert.rejects(taking, /the newest picture is \d+\.\d s old, of 19[67]\d-.*; the camera is sending, so its clock is wrong: take the service's with --clock server/);
  });
});
