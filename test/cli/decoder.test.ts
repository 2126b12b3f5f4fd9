import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { kvsFrames } from "../helpers/kvs-frames.js";
import { picturesIn } from "../helpers/pictures.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const emulated = new Emulated({ limits: false, cameras: ["front=testsrc,size=320x180,bframes=2,history=30"].map(parseCamera) });
const range = (): string[] => ["--stream-name", "front", "--endpoint-url", emulated.emulator.url, "--start", new Date(Date.now() - 20_000).toISOString(), "--end", new Date(Date.now() - 14_000).toISOString()];

describe("pull --decoder", { concurrency: true }, () => {
  for (const more of [[], ["--target-fps", "0.5"], ["--target-fps", "5", "--sampling", "exact"]]) {
    test(`node-av gives what ffmpeg gives: ${more.join(" ") || "every frame"}`, async (context) => {
      const flags = [...range(), ...more, "--format", "raw"];
      const [here, there] = await Promise.all((["node-av", "ffmpeg"] as const).map(async (decoder) => {
        const directory = await temporaryDirectory(context);
        const { code, records, stderr } = await kvsFrames(["pull", ...flags, "--decoder", decoder, "--out", directory]);
        assert.equal(code, 0, stderr);
        const frames = records.filter(({ type }) => type === "frame").map(({ fragment, index, capturedAtMs }) => [fragment, index, capturedAtMs]);
        const files = await picturesIn(directory);
        return { frames, files, pixels: Buffer.concat(await Promise.all(files.map((file) => readFile(join(directory, file))))) };
      }));
      assert.ok(here!.frames.length >= 3);
      assert.deepEqual([here!.frames, here!.files], [there!.frames, there!.files]);
      assert.ok(here!.pixels.equals(there!.pixels), "the pixels are the same");
    });
  }

  test("refuses others, and a program's path beside node-av", async () => {
    const other = await kvsFrames(["pull", ...range(), "--decoder", "opencv"]);
    assert.equal(other.code, 64);
    assert.match(other.stderr, /--decoder must be one of ffmpeg, node-av, got "opencv"/);
    const both = await kvsFrames(["pull", ...range(), "--decoder", "node-av", "--ffmpeg", "/usr/bin/ffmpeg"]);
    assert.equal(both.code, 64);
    assert.match(both.stderr, /--ffmpeg is for decoder "ffmpeg", got it with "node-av"/);
  });
});
