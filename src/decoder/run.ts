import { DecoderError } from "../core/errors.js";
import type { CodedPictures, DecoderSetup } from "../core/picture.js";
import type { DecoderOutput } from "./args.js";
import type { FramePool } from "./frame-pool.js";
import type { Intake } from "./intake.js";
import type { Ledger } from "./ledger.js";
import type { Ffmpeg } from "./locate.js";
import type { Libraries } from "./node-av.js";
import { runInProcess } from "./run-in-process.js";
import { runProgram } from "./run-program.js";

/** FFmpeg, as a program or as libraries in this process. */
export type AnyFfmpeg = Ffmpeg | Libraries;

export interface RunOptions<T> {
  readonly ffmpeg: AnyFfmpeg;
  /** What the pictures need. */
  readonly init: DecoderSetup;
  readonly output: DecoderOutput;
  /** Where the buffers of pictures come from. */
  readonly pool: FramePool;
  /** Time in which a working ffmpeg takes bytes or gives a picture, milliseconds. */
  readonly stallMs: number;
  /** How many pictures it may hold back before it gives one; default: as many as the codecs allow. */
  readonly heldBack?: number;
  /**
   * A descriptor of ours that ffmpeg writes the pixels to, without a copy of them here; where it is no program, or the system cannot
   * tell how much it wrote, and for what a failed ffmpeg leaves over, they come as data all the same.
   */
  readonly pixelsTo?: number | undefined;
  /** Ends the decoding at once. */
  readonly controller: AbortController;
  /** Wanted pictures that will not come; no error where a working ffmpeg had nothing to decode them from. */
  readonly onLost: (values: readonly T[], error?: DecoderError) => void;
  /** An ffmpeg has started. */
  readonly onStart?: () => void;
}

export interface Decoded<T> {
  /** Empty when ffmpeg has written it where it belongs. */
  readonly data: Buffer;
  readonly value: T;
}

/**
 * Decodes with one ffmpeg until the input ends or fails, or the ffmpeg does. What it took is in the ledger, the rest of the
 * input where it was.
 * @throws DecoderError FFMPEG_FAILED when ffmpeg dies or gives what was not asked for, FFMPEG_STALLED when it does nothing.
 */
export function run<T>(input: Intake<CodedPictures<T>>, ledger: Ledger<T>, options: RunOptions<T>): AsyncGenerator<Decoded<T>> {
  const { ffmpeg } = options;
  return "av" in ffmpeg ? runInProcess(input, ledger, { ...options, ffmpeg }) : runProgram(input, ledger, { ...options, ffmpeg });
}

/** Whether this is an ffmpeg's failure at its work, and not that it cannot be started or was told to stop. */
export const isFailure = (error: unknown): error is DecoderError => error instanceof DecoderError && (error.code === "FFMPEG_FAILED" || error.code === "FFMPEG_STALLED");
