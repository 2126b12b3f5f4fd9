import assert from "node:assert/strict";
import { describe, test } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { readCounter } from "../helpers/counter.js";
import { Emulated } from "../helpers/emulated.js";
import { kvsFrames } from "../helpers/kvs-frames.js";
import { picturesIn } from "../helpers/pictures.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const CAMERAS = ["plain=testsrc,skew=-4321", "reordered=testsrc,bframes=2,fps=29.97,size=320x180", "irregular=testsrc,vfr,size=320x180"];
const emulated = new Emulated({ cameras: CAMERAS.map(parseCamera) });

describe("the frame number in each JPEG is the one that its capture time says", { concurrency: true }, () => {
  for (const clock of ["producer", "server"] as const) {
    for (const camera of ["plain", "reordered", "irregular"]) {
      test(`${camera}, ${clock} clock`, async (context) => {
        const out = await temporaryDirectory(context);
        const flags = ["--stream-name", camera, "--clock", clock, "--target-fps", "5", "--max-frames", "50", "--out", out];
        const { code, records, stderr } = await kvsFrames(["pull", "--endpoint-url", emulated.emulator.url, ...flags]);
        assert.equal(code, 0, stderr);
        const frames = records.filter(({ type }) => type === "frame");
        assert.equal(frames.length, 50);
        assert.equal((await picturesIn(out)).length, 50);
        assert.equal(records.at(-1)?.type, "summary");
        for (const { path, capturedAtMs } of frames) {
          const counter = await counterIn(String(path));
          const error = nearestError(camera, clock, counter, Number(capturedAtMs));
          assert.ok(error <= 1, `${String(path)} shows frame ${counter}, ${error} ms from its capture time`);
        }
      });
    }
  }
});

async function counterIn(path: string): Promise<number> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  return readCounter(data, info.width, info.height, info.channels);
}

/** The loop shows each number many times: how far its showing nearest to this time is from it. Told by number and time alone. */
function nearestError(camera: string, clock: "producer" | "server", counter: number, capturedAt: number): number {
  const around = emulated.camera(camera).fragments(capturedAt - 4000, capturedAt + 1000, clock);
  const showings = around.flatMap(({ frames }) => frames).filter((frame) => frame.counter === counter);
  return Math.min(...showings.map(({ producerMs, serverMs }) => Math.abs((clock === "producer" ? producerMs : serverMs) - capturedAt)));
}

test("file names sort by time", async (context) => {
  const out = await temporaryDirectory(context);
  await kvsFrames(["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "plain", "--max-frames", "20", "--out", out]);
  const times = (await picturesIn(out)).map((name) => /^\d{4}-\d\d-\d\d\/(\d{8})T(\d{6})\.(\d{3})Z_(\d{4})\.jpg$/.exec(name)!.slice(1).join(""));
  assert.equal(new Set(times).size, 20);
  assert.deepEqual(times, [...times].sort());
});
