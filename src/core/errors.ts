/**
 * Errors: the class says where it failed, `code` says what failed, `retryable` says whether trying again can help,
 * `cause` keeps the original. Messages name what failed, the value seen and what to do next; they never hold a token.
 */
export type ErrorCode =
  // asking the service
  | "STREAM_NOT_FOUND"
  | "NO_MEDIA"
  | "NO_RETENTION"
  | "UNSUPPORTED_MEDIA"
  | "NOT_AUTHORIZED"
  | "NO_CREDENTIALS"
  | "NO_REGION"
  | "INVALID_REQUEST"
  | "THROTTLED"
  | "UNREACHABLE"
  | "PROXY_REFUSED"
  | "SERVICE_ERROR"
  // reading playlists and fragments
  | "SESSION_EXPIRED"
  | "HTTP_STATUS"
  | "NETWORK"
  | "TIMEOUT"
  | "TOO_LARGE"
  | "FOREIGN_ORIGIN"
  | "MALFORMED_PLAYLIST"
  | "MALFORMED_MEDIA"
  // decoding
  | "FFMPEG_NOT_FOUND"
  | "FFMPEG_FAILED"
  | "FFMPEG_STALLED"
  // writing
  | "CANNOT_CREATE"
  | "WRITE_FAILED";

export interface ErrorDetails {
  readonly code: ErrorCode;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class FrameSourceError extends Error {
  override readonly name: string = "FrameSourceError";
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(message: string, { code, retryable = false, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
  }
}

/** The service refused, or could not be asked. */
export class KVSConnectionError extends FrameSourceError {
  override readonly name = "KVSConnectionError";
}

/** A playlist or fragment could not be fetched, or is not what it should be. */
export class HLSStreamError extends FrameSourceError {
  override readonly name = "HLSStreamError";
}

/** ffmpeg is missing, or did not do its work. */
export class DecoderError extends FrameSourceError {
  override readonly name = "DecoderError";
}

/** A frame or record could not be written. */
export class OutputError extends FrameSourceError {
  override readonly name = "OutputError";
}

/** An option has a value that cannot work; `option` is its name. */
export class OptionError extends RangeError {
  override readonly name = "OptionError";

  constructor(
    message: string,
    readonly option: string,
  ) {
    super(message);
  }
}
