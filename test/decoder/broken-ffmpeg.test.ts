import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DecoderError, type ErrorCode } from "../../src/core/errors.js";
import { decode } from "../../src/decoder/decoder.js";
import { makeClip, type Clip } from "../helpers/clip.js";
import { decodeOptions, picturesOf, recordedFfmpeg, waitingAfter } from "../helpers/decoding.js";

/** Each fragment is more than the pipe to a process holds. */
const bigClip = (): Promise<Clip> => makeClip({ size: "640x480", frames: 90, gop: 30 });

async function failsWith(mode: string, code: ErrorCode, words: RegExp, clip: Clip): Promise<void> {
  await using ffmpeg = await recordedFfmpeg(mode);
  const options = { ...decodeOptions(clip, ffmpeg), stallMs: 500 };
  const all = async (): Promise<void> => {
    for await (const picture of decode(waitingAfter(picturesOf(clip), options.controller.signal), options)) assert.fail(`it gave ${picture.value}`);
  };
  const error = await all().then(() => assert.fail("it did not fail"), (reason: unknown) => reason);
  assert.ok(error instanceof DecoderError, String(error));
  assert.deepEqual([error.code, error.retryable], [code, true], error.message);
  assert.match(error.message, words);
  assert.ok(options.controller.signal.aborted, "its input was not released");
  await ffmpeg.assertGone();
}

describe("an ffmpeg that", { concurrency: 2 }, async () => {
  const [small, big] = await Promise.all([makeClip({ frames: 30 }), bigClip()]);

  test("exits with 1 fails with its last words", () => failsWith("exits 1 at once", "FFMPEG_FAILED", /ended with exit code 1: Unrecognized option 'fps_mode'\.; Error splitting/, small));
  test("exits with 0 before its input ends has failed", () => failsWith("exits 0 early", "FFMPEG_FAILED", /ended before its input did/, small));
  test("exits with 0 in the middle of a large input has failed", () => failsWith("exits 0 early", "FFMPEG_FAILED", /ended before its input did/, big));
  test("crashes in the middle fails with its signal", () => failsWith("crashes midway", "FFMPEG_FAILED", /ended with signal SIGSEGV/, big));
  test("takes nothing has stalled", () => failsWith("hangs without reading", "FFMPEG_STALLED", /made no progress for 0\.5 s/, big));
  test("takes nothing and does not stop when told has stalled, and is stopped by force", () => failsWith("hangs and ignores being told to stop", "FFMPEG_STALLED", /made no progress/, big));
  test("prints pictures without their numbers has stalled", () => failsWith("prints pictures without numbers", "FFMPEG_STALLED", /made no progress/, big));
  test("gives a picture that nobody asked for has failed", () => failsWith("gives a picture nobody asked for", "FFMPEG_FAILED", /was not asked for \(number 999999\)/, small));

  test("prints what is no whole picture has failed once its input ends", async () => {
    await using ffmpeg = await recordedFfmpeg("prints rubbish for pictures");
    const all = async (): Promise<void> => {
      for await (const { value } of decode((async function* () { yield* picturesOf(small); })(), decodeOptions(small, ffmpeg))) assert.fail(value);
    };
    await assert.rejects(all(), (error) => error instanceof DecoderError && error.code === "FFMPEG_FAILED" && /ended in the middle of a picture \(1000 of 3072 bytes\)/.test(error.message));
    await ffmpeg.assertGone();
  });

  test("exits before its picture is read has still given it", async () => {
    await using ffmpeg = await recordedFfmpeg("exits ahead of its picture");
    const options = decodeOptions(small, ffmpeg);
    const pictures = decode(waitingAfter(picturesOf(small), options.controller.signal), options);
    assert.equal((await pictures.next()).value?.value, "0.0");
    await pictures.return(undefined);
  });

  test("is gone when it is to be started is reported as not found", async () => {
    await using ffmpeg = await recordedFfmpeg();
    const options = { ...decodeOptions(small, ffmpeg), ffmpeg: { path: "/no/such/ffmpeg", version: "", env: {} } };
    await assert.rejects(decode(waitingAfter(picturesOf(small), options.controller.signal), options).next(), (error) => error instanceof DecoderError && error.code === "FFMPEG_NOT_FOUND" && /"\/no\/such\/ffmpeg"/.test(error.message));
  });
});
