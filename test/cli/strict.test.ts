import assert from "node:assert/strict";
import { test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import type { SourceEvent } from "../../src/core/events.js";
import { pull } from "../helpers/scripted-source.js";
import { TEST_TIME, testFrames } from "../helpers/test-frame.js";

const GAP: SourceEvent = { type: "gap", fromMs: TEST_TIME, toMs: TEST_TIME + 2500, cause: "offline" };

test("--strict makes a gap a failure, with 76", async (context) => {
  const { exitCode, summary, stderr } = await pull(context, "--strict", { steps: testFrames(3), events: [GAP, GAP] });
  assert.equal(exitCode, 76);
  assert.deepEqual([summary?.ended, summary?.exitCode, (summary?.error as { code: string }).code], ["end", 76, "INCOMPLETE"]);
  assert.match(stderr, /ERROR: frames of 5s are missing in 2 gaps; without --strict this is a success/);
});

test("--strict makes too few frames a failure", async (context) => {
  const { exitCode, stderr } = await pull(context, "--strict --max-frames 10", { steps: testFrames(3) });
  assert.equal(exitCode, 76);
  assert.match(stderr, /3 of 10 frames came/);
});

test("--strict leaves a whole run, a stopped one and a failed one as they are", async (context) => {
  assert.equal((await pull(context, "--strict --max-frames 3", { steps: testFrames(3) })).exitCode, 0);
  const failure = new HLSStreamError("no", { code: "NETWORK" });
  assert.equal((await pull(context, "--strict", { steps: [...testFrames(3), failure], events: [GAP] })).exitCode, 75);
});

test("without --strict a gap is told, and no failure", async (context) => {
  const { exitCode, summary } = await pull(context, "", { steps: testFrames(3), events: [GAP] });
  assert.deepEqual([exitCode, summary?.gaps], [0, 1]);
});
