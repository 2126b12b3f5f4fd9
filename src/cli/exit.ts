import { CommanderError } from "commander";
import { FrameSourceError, OptionError, type ErrorCode } from "../core/errors.js";
import { ReaderGoneError } from "../sinks/byte-stream.js";
import { Interrupted } from "./interrupted.js";

/** Exit codes, after sysexits.h, and what each means. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: "done",
  64: "usage: a flag or its value cannot work",
  65: "media that cannot be decoded, or playlists that cannot be used",
  66: "no such stream",
  69: "no media: the camera is offline, nothing is stored of that time, or the picture is older than --max-age",
  70: "internal error: a bug in kvs-frames",
  73: "cannot create the output",
  74: "cannot write the output",
  75: "temporary: throttled, or a network failure that outlived the retries; try again",
  76: "frames are missing, under --strict; or a threshold of probe is broken",
  77: "no permission, no valid credentials, or a proxy that refuses",
  78: "bad configuration: no ffmpeg, no region, or a stream without retention",
  130: "stopped by SIGINT, everything taken is written",
  143: "stopped by SIGTERM, everything taken is written",
};

const USAGE = 64;
const BUG = 70;
export const INCOMPLETE = 76;

const EXIT_OF_CODE: Readonly<Record<ErrorCode, number>> = {
  INVALID_REQUEST: USAGE,
  UNSUPPORTED_MEDIA: 65,
  MALFORMED_MEDIA: 65,
  FFMPEG_FAILED: 65,
  FFMPEG_STALLED: 65,
  TOO_LARGE: 65,
  FOREIGN_ORIGIN: 65,
  MALFORMED_PLAYLIST: 65,
  STREAM_NOT_FOUND: 66,
  NO_MEDIA: 69,
  CANNOT_CREATE: 73,
  WRITE_FAILED: 74,
  THROTTLED: 75,
  UNREACHABLE: 75,
  SERVICE_ERROR: 75,
  SESSION_EXPIRED: 75,
  HTTP_STATUS: 75,
  NETWORK: 75,
  TIMEOUT: 75,
  NOT_AUTHORIZED: 77,
  NO_CREDENTIALS: 77,
  PROXY_REFUSED: 77,
  FFMPEG_NOT_FOUND: 78,
  NO_REGION: 78,
  NO_RETENTION: 78,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof FrameSourceError) return EXIT_OF_CODE[error.code];
  if (error instanceof OptionError) return USAGE;
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof ReaderGoneError) return 0;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE; // 0: --help and --version come as errors
  return BUG;
}
