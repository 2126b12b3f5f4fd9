import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { kvsFrames } from "../helpers/kvs-frames.js";
import { picturesIn } from "../helpers/pictures.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,size=64x48,fps=10,fragment=2,loop=4,history=7200")] });

const pull = (...flags: string[]) => kvsFrames(["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", ...flags]);

describe("pull --start --end", { concurrency: true }, () => {
  test("writes the frames of the range, one a second, and ends with 0", async (context) => {
    const out = await temporaryDirectory(context);
    const { code, records, stderr } = await pull("--start", "-1h", "--end", "-59m", "--target-fps", "1", "--out", out);
    assert.equal(code, 0, stderr);
    const frames = records.filter(({ type }) => type === "frame");
    assert.equal(frames.length, 60);
    assert.equal((await picturesIn(out)).length, 60);
    const { ended, gaps, durationMs } = records.at(-1) ?? {};
    assert.deepEqual([ended, gaps, durationMs], ["end", 0, 59_000]);
  });

  test("goes on where a run with --resume stopped", async (context) => {
    const directory = await temporaryDirectory(context);
    const [start, end] = [Date.now() - 1_800_000, Date.now() - 1_780_000].map(String);
    const flags = ["--start", start!, "--end", end!, "--no-images", "--resume", join(directory, "front.json")];
    const runs = [await pull(...flags, "--max-frames", "77"), await pull(...flags), await pull(...flags)];
    assert.deepEqual(runs.map(({ code }) => code), [0, 0, 0], runs[1]!.stderr);
    const frames = runs.flatMap(({ records }) => records.filter(({ type }) => type === "frame"));
    assert.deepEqual(frames.map(({ seq }) => seq), [...Array(200).keys()]);
    assert.equal(new Set(frames.map(({ capturedAtMs }) => capturedAtMs)).size, 200);
  });

  test("without anything stored there is 69, and says so", async () => {
    const { code, stderr } = await pull("--start", "-5h", "--end", "-4h", "--no-images");
    assert.equal(code, 69);
    assert.match(stderr, /no frame is stored from .* to .* \(producer clock\)/);
  });

  const BAD: readonly (readonly [string[], RegExp])[] = [
    [["--start", "yesterday"], /^kvs-frames: --start must be a time such as 2026-11-22T10:15:00Z, 1795342500, now or -2h, got "yesterday"$/m],
    [["--end", "-1h"], /^kvs-frames: --start is missing: a range with an end needs one$/m],
    [["--start", "+1h"], /^kvs-frames: --start must be in the past, got 20/m],
    [["--start", "-1h", "--end", "+1h"], /^kvs-frames: --end must not be in the future, got 20.*; without it the live stream follows$/m],
    [["--start", "-1h", "--end", "-2h"], /^kvs-frames: --end must be after start \(20.*\), got 20/m],
    [["--start", "-1h", "--delivery", "live"], /^kvs-frames: --delivery must be complete with start, got "live"$/m],
    [["--start", "-1h", "--parallel", "11"], /^kvs-frames: --parallel must be a whole number from 1 to 10, got "11"$/m],
  ];
  for (const [flags, expected] of BAD) {
    test(`${flags.join(" ")} is refused`, async () => {
      const { code, stderr } = await pull(...flags);
      assert.equal(code, 64);
      assert.match(stderr, expected);
    });
  }
});
