import { DecoderError } from "../core/errors.js";
import { frameBytes } from "../core/frame.js";
import type { CodedPictures } from "../core/picture.js";
import { decoderArgs } from "./args.js";
import { readPresentationNumbers } from "./clock.js";
import { failed } from "./failed.js";
import { FrameReader } from "./frame-reader.js";
import { inheritedPictures, isHeldUpByReader } from "./inherited.js";
import type { Intake } from "./intake.js";
import type { Ledger } from "./ledger.js";
import type { Ffmpeg } from "./locate.js";
import { startFfmpeg, type FfmpegProcess } from "./process.js";
import type { Decoded, RunOptions } from "./run.js";
import { Watchdog } from "./watchdog.js";
import { writtenByEndedChildren } from "./written-by-children.js";

/** {@link run} with an ffmpeg of its own process: what happens to it happens to nobody else. */
export async function* runProgram<T>(input: Intake<CodedPictures<T>>, ledger: Ledger<T>, options: RunOptions<T> & { readonly ffmpeg: Ffmpeg }): AsyncGenerator<Decoded<T>> {
  const { output, pool, controller, stallMs, onLost } = options;
  const pictureBytes = frameBytes(output.pixelFormat, output.width, output.height);
  const pixelsTo = options.pixelsTo === undefined || writtenByEndedChildren() === undefined ? undefined : options.pixelsTo;
  const reader = pixelsTo === undefined ? new FrameReader(pictureBytes, pool) : undefined;
  const ffmpeg = await startFfmpeg(options.ffmpeg, decoderArgs(output), reader?.onread ?? pixelsTo);
  options.onStart?.();
  let stall: DecoderError | undefined;
  const watchdog = new Watchdog(ledger, stallMs, {
    isExcused: () => reader === undefined && isHeldUpByReader(ffmpeg.pid),
    onStall: (error) => {
      stall = error;
      void ffmpeg.kill();
    },
  });
  // Whoever waits for ffmpeg's pipes is released by their end.
  const onAbort = (): void => void ffmpeg.kill();
  controller.signal.addEventListener("abort", onAbort);
  if (controller.signal.aborted) onAbort();
  const feeder = new Feeder(ffmpeg, input, ledger);
  void feeder.feed(options.init.bytes);
  try {
    watchdog.isAwaited = true;
    for await (const { data, number } of reader ? pairWithNumbers(ffmpeg, reader) : inheritedPictures(ffmpeg, pictureBytes)) {
      const given = ledger.settle(number);
      if (given === undefined) throw failed(`gave a picture that was not asked for (number ${number})`);
      ledger.reportLost(onLost);
      if (pixelsTo !== undefined && given.length === 0) throw new DecoderError("ffmpeg wrote an unwanted picture to stdout; run the command again", { code: "FFMPEG_FAILED" });
      watchdog.isAwaited = false;
      for (const value of given) yield { data, value };
      if (given.length === 0) pool.give(data);
      watchdog.isAwaited = true;
    }
    const exit = await ffmpeg.exited;
    if (!exit.ok) throw failed(`ended with ${exit.description}`);
    if (!ledger.isEnded) throw failed("ended before its input did");
    ledger.reportLost(onLost);
    if (ledger.owed.length > 0) onLost(ledger.owed);
  } catch (error) {
    controller.signal.throwIfAborted();
    ledger.reportLost(onLost);
    throw stall ?? error;
  } finally {
    feeder.stop();
    watchdog.stop();
    controller.signal.removeEventListener("abort", onAbort);
    await ffmpeg.kill();
  }
}

/** Writes an input to an ffmpeg for as long as both last. */
class Feeder<T> {
  #isStopped = false;

  constructor(
    private readonly ffmpeg: FfmpegProcess,
    private readonly input: Intake<CodedPictures<T>>,
    private readonly ledger: Ledger<T>,
  ) {}

  /** Never rejects: a broken pipe is told by ffmpeg's exit, the input's failure to whoever asks it next. */
  async feed(init: Buffer): Promise<void> {
    for (let ahead = [init]; ; ahead = []) {
      const next = await this.input.peek().catch(() => undefined);
      // It is for the next ffmpeg.
      if (this.#isStopped) return;
      if (next === undefined || next.done) break;
      this.input.shift();
      this.ledger.add(next.value);
      if (!(await this.#write([...ahead, ...next.value.bytes]))) return;
    }
    const { input } = this.ffmpeg;
    this.ledger.isEnded = !input.errored && !input.destroyed;
    input.end();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** @returns whether ffmpeg took it */
  async #write(pieces: readonly Buffer[]): Promise<boolean> {
    const { ledger } = this;
    const { input } = this.ffmpeg;
    ledger.isFeeding = true;
    input.cork();
    const written = pieces.map((piece) => new Promise<boolean>((resolve) => input.write(piece, (error) => resolve(!error))));
    input.uncork();
    const isTaken = (await Promise.all(written)).every(Boolean);
    ledger.isFeeding = false;
    ledger.noteTaken();
    return isTaken;
  }
}

async function* pairWithNumbers(ffmpeg: FfmpegProcess, reader: FrameReader): AsyncGenerator<{ data: Buffer; number: number }, undefined> {
  const frames = reader.frames(ffmpeg.pixels);
  const numbers = readPresentationNumbers(ffmpeg.numbers);
  // Read ahead of its picture: what nobody has begun to read when ffmpeg exits, Node throws away.
  let next = ahead(numbers);
  for (;;) {
    const frame = await frames.next();
    if (frame.done) {
      if (frame.value === 0) return undefined;
      // Mostly it has died, and how says more than where.
      const exit = await ffmpeg.exited;
      throw failed(exit.ok ? `ended in the middle of a picture (${frame.value} of ${reader.size} bytes)` : `ended with ${exit.description}`);
    }
    const number = await next;
    if (number.done) throw failed("gave a picture without its presentation number");
    next = ahead(numbers);
    yield { data: frame.value, number: number.value };
  }
}

/** What comes next; a failure is told to whoever waits for it. */
function ahead<T, R>(values: AsyncGenerator<T, R>): Promise<IteratorResult<T, R>> {
  const next = values.next();
  next.catch(() => undefined);
  return next;
}
