import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { start, type Json } from "../helpers/kvs-frames.js";
import { picturesIn } from "../helpers/pictures.js";
import { pull } from "../helpers/scripted-source.js";
import { temporaryDirectory, testFrame, testFrames } from "../helpers/test-frame.js";
import { compareWithTruth } from "../helpers/truth.js";

/** More for a thorough run: KILLS=20. */
const KILLS = Number(process.env.KILLS ?? 3);
const LIVE_WINDOW_MS = 5000;
const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,size=160x90,fps=15,fragment=0.5,loop=4")] });

describe("pull --resume", () => {
  test("begins as usual with a new file, notes each frame, and goes on after the last", async (context) => {
    const file = join(await temporaryDirectory(context), "front.resume");
    const frames = testFrames(5);
    const first = await pull(context, `--resume ${file} --max-frames 3`, { steps: frames });
    assert.deepEqual([first.source.options[0]?.resumeAfter, first.source.options[0]?.delivery], [undefined, "complete"]);
    const second = await pull(context, `--resume ${file} --delivery live`, { steps: frames.slice(3) });
    const { fragment, index, capturedAt, pts } = frames[2]!;
    assert.deepEqual(second.source.options[0]?.resumeAfter, { fragment, index, capturedAt, pts });
    assert.equal(second.source.options[0]?.delivery, "live");
    assert.deepEqual(second.records.filter(({ type }) => type === "frame").map(({ seq }) => seq), [3, 4]);
  });

  test("does not note a frame that could not be written", async (context) => {
    const directory = await temporaryDirectory(context);
    const file = join(directory, "front.resume");
    await writeFile(join(directory, "wall"), "");
    const { exitCode } = await pull(context, `--resume ${file} --filename wall/{seq}`, { steps: testFrames(2), out: directory });
    assert.equal(exitCode, 73);
    assert.equal(await readFile(file, "utf8"), "");
  });

  test("adds to a manifest of its own", async (context) => {
    const directory = await temporaryDirectory(context);
    const flags = `--resume ${join(directory, "front.resume")} --manifest ${join(directory, "front.ndjson")}`;
    await pull(context, flags, { steps: [testFrame({ index: 0 })] });
    await pull(context, flags, { steps: [testFrame({ index: 1 })] });
    const lines = (await readFile(join(directory, "front.ndjson"), "utf8")).trim().split("\n");
    assert.deepEqual(lines.map((line) => (JSON.parse(line) as Json).type), ["frame", "summary", "frame", "summary"]);
  });

  test("refuses what is no checkpoint, and leaves it as it is", async (context) => {
    const file = join(await temporaryDirectory(context), "notes.txt");
    await writeFile(file, "not yours");
    const { exitCode, stderr } = await pull(context, `--resume ${file}`, { steps: testFrames(2) });
    assert.deepEqual([exitCode, await readFile(file, "utf8")], [64, "not yours"]);
    assert.match(stderr, /--resume must name a checkpoint file/);
  });

  test(`loses and repeats nothing over ${KILLS} kills, one of them before a pause longer than the live window`, async (context) => {
    const directory = await temporaryDirectory(context);
    const flags = ["--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--resume", join(directory, "checkpoint"), "--out", join(directory, "images"), "--quiet"];
    const frames: Json[] = [];
    for (let kill = 0; kill <= KILLS; kill++) {
      const { child, finished } = start(["pull", ...flags, ...(kill === KILLS ? ["--max-frames", "30"] : [])]);
      if (kill < KILLS) {
        await sleep(700 + Math.random() * 2500);
        child.kill("SIGKILL");
      }
      const { code, records, stderr } = await finished;
      if (kill === KILLS) assert.equal(code, 0, stderr);
      const [first, ...others] = records.filter(({ type }) => type === "frame");
      const last = frames.at(-1);
      // A process that is killed between a record and its checkpoint writes the record again.
      const isAgain = first !== undefined && first.fragment === last?.fragment && first.index === last?.index;
      frames.push(...(first === undefined || isAgain ? others : [first, ...others]));
      if (kill === 1) await sleep(2 * LIVE_WINDOW_MS);
    }
    const seen = frames.map(({ fragment, index, capturedAtMs }) => ({ fragment: String(fragment), index: Number(index), capturedAt: Number(capturedAtMs) }));
    assert.deepEqual(compareWithTruth(emulated.camera("front"), seen), []);
    assert.deepEqual(frames.map(({ seq }) => seq), frames.map((_, seq) => seq));
    const images = await picturesIn(join(directory, "images"));
    assert.equal(images.length, frames.length);
    for (const name of images) assert.equal((await sharp(join(directory, "images", name)).stats()).isOpaque, true);
  });
});
