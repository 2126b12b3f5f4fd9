import { DecoderError } from "../core/errors.js";
import { frameBytes } from "../core/frame.js";
import type { CodedPictures } from "../core/picture.js";
import { decoderArgs, type DecoderOutput } from "./args.js";
import { readPresentationNumbers } from "./clock.js";
import { cutFrames } from "./framer.js";
import { Ledger } from "./ledger.js";
import type { Ffmpeg } from "./locate.js";
import { startFfmpeg, type FfmpegProcess } from "./process.js";
import { Watchdog } from "./watchdog.js";

export interface DecodeOptions<T> {
  readonly ffmpeg: Ffmpeg;
  /** The init segment that the pictures need. */
  readonly init: Buffer;
  readonly output: DecoderOutput;
  /** Time in which a working ffmpeg takes bytes or gives a picture, milliseconds. */
  readonly stallMs: number;
  /** Ends the decoding at once; aborted by the decoder itself to release its input when its consumer leaves. */
  readonly controller: AbortController;
  /** Wanted pictures that ffmpeg could not decode. */
  readonly onLost: (values: readonly T[]) => void;
}

export interface Decoded<T> {
  readonly data: Buffer;
  readonly value: T;
}

/**
 * Decodes with one ffmpeg from the first picture to the last. What went in before the input failed still comes out before
 * the failure does.
 * @throws DecoderError FFMPEG_FAILED when ffmpeg dies or gives what was not asked for, FFMPEG_STALLED when it does nothing.
 */
export async function* decode<T>(input: AsyncIterable<CodedPictures<T>>, options: DecodeOptions<T>): AsyncGenerator<Decoded<T>> {
  const { output, controller, stallMs, onLost } = options;
  const ffmpeg = await startFfmpeg(options.ffmpeg, decoderArgs(output));
  const ledger = new Ledger<T>();
  let failure: DecoderError | undefined;
  const watchdog = new Watchdog(ledger, stallMs, (error) => {
    failure = error;
    void ffmpeg.kill();
  });
  // Whoever waits for ffmpeg's pipes is released by their end.
  const onAbort = (): void => void ffmpeg.kill();
  controller.signal.addEventListener("abort", onAbort);
  const feeding = feed(ffmpeg, input, options.init, ledger);
  feeding.catch(() => undefined); // told below, after the pictures that came before
  let isDone = false;
  try {
    watchdog.isAwaited = true;
    for await (const { data, number } of pairWithNumbers(ffmpeg, frameBytes(output.pixelFormat, output.width, output.height))) {
      const settled = ledger.settle(number);
      if (settled === undefined) throw failed(`gave a picture that was not asked for (number ${number})`);
      if (settled.lost.length > 0) onLost(settled.lost);
      watchdog.isAwaited = false;
      yield { data, value: settled.value };
      watchdog.isAwaited = true;
    }
    const exit = await ffmpeg.exited;
    if (!exit.ok) throw failed(`ended with ${exit.description}`);
    if (!ledger.isEnded) throw failed("ended before its input did");
    const lost = ledger.writeOff();
    if (lost.length > 0) onLost(lost);
    isDone = true;
  } catch (error) {
    controller.signal.throwIfAborted();
    throw failure ?? error;
  } finally {
    watchdog.stop();
    controller.signal.removeEventListener("abort", onAbort);
    // The order matters: the input must be released before it can be waited for.
    if (!isDone) controller.abort();
    await ffmpeg.kill();
    await feeding.catch(() => undefined);
  }
  await feeding;
}

/** Writes the input to ffmpeg. Rejects with the input's own failure only: a broken pipe is told by ffmpeg's exit. */
async function feed<T>(ffmpeg: FfmpegProcess, input: AsyncIterable<CodedPictures<T>>, init: Buffer, ledger: Ledger<T>): Promise<void> {
  try {
    if (!(await write(ffmpeg, [init], ledger))) return;
    for await (const pictures of input) {
      ledger.add(pictures);
      if (!(await write(ffmpeg, pictures.bytes, ledger))) return;
    }
  } finally {
    ledger.isEnded = !ffmpeg.input.errored && !ffmpeg.input.destroyed;
    ffmpeg.input.end();
  }
}

/** @returns whether ffmpeg took it */
async function write(ffmpeg: FfmpegProcess, pieces: readonly Buffer[], ledger: Ledger<unknown>): Promise<boolean> {
  ledger.isFeeding = true;
  ffmpeg.input.cork();
  const written = pieces.map((piece) => new Promise<boolean>((resolve) => ffmpeg.input.write(piece, (error) => resolve(!error))));
  ffmpeg.input.uncork();
  const isTaken = (await Promise.all(written)).every(Boolean);
  ledger.isFeeding = false;
  ledger.progress += 1;
  return isTaken;
}

async function* pairWithNumbers(ffmpeg: FfmpegProcess, size: number): AsyncGenerator<{ data: Buffer; number: number }, undefined> {
  const frames = cutFrames(ffmpeg.pixels, size);
  const numbers = readPresentationNumbers(ffmpeg.numbers);
  for (;;) {
    const frame = await frames.next();
    if (frame.done) {
      if (frame.value === 0) return undefined;
      // Mostly it has died, and how says more than where.
      const exit = await ffmpeg.exited;
      throw failed(exit.ok ? `ended in the middle of a picture (${frame.value} of ${size} bytes)` : `ended with ${exit.description}`);
    }
    const number = await numbers.next();
    if (number.done) throw failed("gave a picture without its presentation number");
    yield { data: frame.value, number: number.value };
  }
}

const failed = (what: string): DecoderError => new DecoderError(`ffmpeg ${what}`, { code: "FFMPEG_FAILED", retryable: true });
