import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { CodedPictures } from "../../src/core/picture.js";
import { decode } from "../../src/decoder/decoder.js";
import { inheritedPictures } from "../../src/decoder/inherited.js";
import type { FfmpegProcess } from "../../src/decoder/process.js";
import { makeClip } from "../helpers/clip.js";
import { asInput, decodeOptions, picturesOf, recordedFfmpeg } from "../helpers/decoding.js";
import { broken, garbage } from "../helpers/salvaging.js";

/** What a decoder leaves in a file that ffmpeg writes to by itself; what it gives as data is added in its turn. */
async function decodedToFile(input: Iterable<CodedPictures<string>>, isInherited: boolean) {
  const clip = await makeClip({ frames: 40 });
  const folder = await mkdtemp(join(tmpdir(), "inherited-"));
  const file = await open(join(folder, "pixels"), "a");
  await using ffmpeg = await recordedFfmpeg();
  const [names, lost, given]: [string[], string[], string[]] = [[], [], []];
  try {
    const options = { ...decodeOptions(clip, ffmpeg, lost), ...(isInherited && { pixelsTo: file.fd }) };
    for await (const { data, value } of decode(asInput(input), options)) {
      names.push(value);
      if (data.length === 0) continue;
      given.push(value);
      await file.write(data);
    }
    return { names, lost, given, pixels: await readFile(join(folder, "pixels")) };
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}

describe("an ffmpeg that writes its pixels itself", async () => {
  const clip = await makeClip({ frames: 40 });

  test("writes what would come as data, byte for byte, and every picture is told", async () => {
    const [asData, inherited] = [await decodedToFile(picturesOf(clip), false), await decodedToFile(picturesOf(clip), true)];
    assert.deepEqual([inherited.names, inherited.given], [asData.names, []]);
    assert.equal(asData.given.length, 40);
    assert.ok(inherited.pixels.equals(asData.pixels));
  });

  for (const position of [0, 4, 9]) {
    test(`that ends at a damaged sample (${position}) leaves whole pictures, and the rest comes in its place`, async () => {
      const damaged = () => broken(clip, 1, position, garbage);
      const [asData, inherited] = [await decodedToFile(damaged(), false), await decodedToFile(damaged(), true)];
      assert.deepEqual([inherited.names, inherited.lost], [asData.names, asData.lost]);
      assert.ok(inherited.lost.length > 0);
      assert.equal(inherited.pixels.length, inherited.names.length * 64 * 48);
      assert.ok(inherited.pixels.equals(asData.pixels));
    });
  }
});

const PICTURE_BYTES = 10_000;

/** Tells the numbers of an ffmpeg that printed so many and then ended so, with so many bytes written. */
async function toldBy(printed: number, ok: boolean, stdoutBytes: number | undefined) {
  const lines = Array.from({ length: printed }, (_, at) => `frame:${at} pts:${2 * at + 1} pts_time:0\n`);
  const ffmpeg = { numbers: Readable.from(lines), exited: Promise.resolve({ ok, description: ok ? "exit code 0" : "signal SIGKILL" }), stdoutBytes: () => stdoutBytes };
  const numbers: number[] = [];
  const error = await (async () => {
    for await (const { number } of inheritedPictures(ffmpeg as unknown as FfmpegProcess, PICTURE_BYTES)) numbers.push(number);
  })().then(() => undefined, (reason: unknown) => reason as { code: string; retryable: boolean; message: string });
  return { count: numbers.length, error };
}

describe("how many pictures an ffmpeg wrote that has ended", () => {
  test("is as many as were printed, when all went well", async () => {
    assert.deepEqual(await toldBy(200, true, undefined), { count: 200, error: undefined });
  });

  test("is told by the bytes when it failed, though more were printed, and another may go on", async () => {
    const { count, error } = await toldBy(200, false, 190 * PICTURE_BYTES + 7);
    assert.deepEqual([count, error?.code, error?.retryable], [190, "FFMPEG_FAILED", true]);
  });

  for (const [name, bytes] of [["in the middle of a picture", 190.5 * PICTURE_BYTES], ["nobody knows where", undefined], ["before pictures that were told", 100 * PICTURE_BYTES]] as const) {
    test(`${name} is the end: nothing may follow`, async () => {
      const { error } = await toldBy(200, false, bytes);
      assert.deepEqual([error?.code, error?.retryable], ["FFMPEG_FAILED", false], error?.message);
    });
  }
});
