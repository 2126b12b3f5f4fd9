import assert from "node:assert/strict";
import { test } from "node:test";
import { DecoderError, FrameSourceError, HLSStreamError, KVSConnectionError, OptionError, OutputError, type ErrorCode } from "../../src/core/errors.js";
import { errorMessage } from "../../src/cli/error-message.js";
import { exitCodeOf, EXIT_MEANINGS } from "../../src/cli/exit.js";
import { Interrupted } from "../../src/cli/interrupted.js";
import { DurationOver, outcomeOf, withoutFrames } from "../../src/cli/pull/outcome.js";
import { ReaderGoneError } from "../../src/sinks/byte-stream.js";

const table: Record<number, ErrorCode[]> = {
  64: ["INVALID_REQUEST"],
  65: ["UNSUPPORTED_MEDIA", "MALFORMED_MEDIA", "FFMPEG_FAILED", "FFMPEG_STALLED", "TOO_LARGE", "FOREIGN_ORIGIN", "MALFORMED_PLAYLIST"],
  66: ["STREAM_NOT_FOUND"],
  69: ["NO_MEDIA"],
  73: ["CANNOT_CREATE"],
  74: ["WRITE_FAILED"],
  75: ["THROTTLED", "UNREACHABLE", "SERVICE_ERROR", "SESSION_EXPIRED", "HTTP_STATUS", "NETWORK", "TIMEOUT"],
  77: ["NOT_AUTHORIZED", "NO_CREDENTIALS", "PROXY_REFUSED"],
  78: ["FFMPEG_NOT_FOUND", "NO_REGION", "NO_RETENTION"],
};
for (const [exitCode, codes] of Object.entries(table)) {
  for (const code of codes) {
    test(`${code} is ${exitCode}, whatever the class, and --help explains it`, () => {
      for (const kind of [FrameSourceError, KVSConnectionError, HLSStreamError, DecoderError, OutputError]) assert.equal(exitCodeOf(new kind("x", { code })), Number(exitCode));
      assert.ok(EXIT_MEANINGS[Number(exitCode)]);
    });
  }
}

test("what is not an error of the source has its code too", () => {
  assert.deepEqual(
    [new OptionError("x", "x"), new Interrupted("SIGINT"), new Interrupted("SIGTERM"), new ReaderGoneError(), new TypeError("x"), "text", undefined].map(exitCodeOf),
    [64, 130, 143, 0, 70, 70, 70],
  );
});

test("messages speak of flags, and leave what was typed as it was", () => {
  assert.equal(errorMessage(new OptionError('cameraId must be short, got "cameraId maxLag"', "cameraId")), '--camera-id must be short, got "cameraId maxLag"');
  assert.equal(errorMessage(new OptionError("ffmpegPath must not be empty, got 1", "ffmpegPath")), "--ffmpeg must not be empty, got 1");
  assert.equal(errorMessage(new OptionError("give streamName or streamArn, not both", "streamName")), "give --stream-name or --stream-arn, not both");
});

test("silence for the whole duration is an end; without any frame it is no media", () => {
  assert.deepEqual(outcomeOf(new DurationOver()), { ended: "duration", error: undefined, exitCode: 0 });
  const { ended, error, exitCode } = withoutFrames("front");
  assert.deepEqual([ended, error?.code, exitCode], ["duration", "NO_MEDIA", 69]);
  assert.equal(error?.message, "no frame came from front in time; check that the camera is sending, or allow longer with --duration");
});
