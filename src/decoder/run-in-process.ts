import type { CodedPictures } from "../core/picture.js";
import { unlessAborted } from "../core/unless-aborted.js";
import { failed } from "./failed.js";
import type { Intake } from "./intake.js";
import type { Ledger } from "./ledger.js";
import { LibavDecoder } from "./libav-decoder.js";
import { LibavPixels } from "./libav-pixels.js";
import type { AvFrame, Libraries } from "./node-av.js";
import type { Decoded, RunOptions } from "./run.js";
import { Watchdog } from "./watchdog.js";

/** Pictures at a time that are decoded, scaled, or wait to be taken: what is not taken holds back what comes after. */
const LANES = 3;

/**
 * {@link run} with FFmpeg's libraries in this process: pixels cross no pipe, which takes a third of the time of large pictures, but a
 * crash in them is one of this program. One that hangs is left behind with what it holds, since nothing can end it.
 */
export async function* runInProcess<T>(input: Intake<CodedPictures<T>>, ledger: Ledger<T>, options: RunOptions<T> & { readonly ffmpeg: Libraries }): AsyncGenerator<Decoded<T>> {
  const { output, pool, controller, stallMs, onLost } = options;
  const { av } = options.ffmpeg;
  const stalled = new AbortController();
  const watchdog = new Watchdog(ledger, stallMs, { onStall: (error) => stalled.abort(error) });
  const lanes = new Lanes(new LibavDecoder({ av, init: options.init, threads: output.threads ?? 1, input, ledger }), new LibavPixels(av, output, pool), () => new av.Frame());
  options.onStart?.();
  const ended = AbortSignal.any([controller.signal, stalled.signal]);
  try {
    for (;;) {
      watchdog.isAwaited = true;
      const picture = await lanes.next(ended);
      watchdog.isAwaited = false;
      if (picture === undefined) break;
      const given = ledger.settle(picture.number);
      if (given === undefined) throw failed(`gave a picture that was not asked for (number ${picture.number})`);
      ledger.reportLost(onLost);
      for (const value of given) yield { data: picture.data, value };
      if (given.length === 0) pool.give(picture.data);
    }
    ledger.reportLost(onLost);
    if (ledger.owed.length > 0) onLost(ledger.owed);
  } catch (error) {
    controller.signal.throwIfAborted();
    ledger.reportLost(onLost);
    throw error;
  } finally {
    watchdog.stop();
    const closed = lanes.close((data) => pool.give(data));
    // What hangs is never free.
    if (!stalled.signal.aborted) await closed;
  }
}

interface Picture {
  readonly number: number;
  readonly data: Buffer;
}

/** Pictures one after the other, of which the next ones are being decoded while one is scaled and one is looked at. */
class Lanes<T> {
  readonly #frames: readonly AvFrame[];
  #free: AvFrame[];
  readonly #begun: Promise<Picture | undefined>[] = [];
  #received: Promise<unknown> = Promise.resolve();
  #scaled: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly decoder: LibavDecoder<T>,
    private readonly pixels: LibavPixels,
    newFrame: () => AvFrame,
  ) {
    this.#frames = Array.from({ length: LANES }, newFrame);
    for (const frame of this.#frames) frame.alloc();
    this.#free = [...this.#frames];
  }

  /**
   * @returns undefined after the last one
   * @throws DecoderError in the place of the picture that could not be had, or the signal's reason
   */
  async next(signal: AbortSignal): Promise<Picture | undefined> {
    while (this.#begun.length < LANES) {
      const frame = this.#free.shift();
      if (frame === undefined) break;
      this.#begin(frame);
    }
    const picture = await unlessAborted(this.#begun[0] ?? Promise.resolve(undefined), signal);
    // Not before: one that nobody waits for any longer is still to be given back.
    void this.#begun.shift();
    return picture;
  }

  #begin(frame: AvFrame): void {
    const received = this.#received.then(() => this.decoder.receive(frame));
    const picture = Promise.all([received, this.#scaled]).then(async ([isThere]) => {
      if (!isThere) return undefined;
      const picture = { number: Number(frame.pts), data: await this.pixels.of(frame) };
      if (!this.#isClosed) frame.unref();
      this.#free.push(frame);
      return picture;
    });
    // Both fail in the next ones too, so that none comes out after one that is missing.
    [this.#received, this.#scaled] = [received, picture];
    picture.catch(() => undefined);
    this.#begun.push(picture);
  }

  /**
   * Frees all memory, once nothing is under way.
   * @param giveBack takes the pixels that nobody took
   */
  async close(giveBack: (data: Buffer) => void): Promise<void> {
    this.#isClosed = true;
    for (const picture of this.#begun) picture.then((untaken) => untaken && giveBack(untaken.data), () => undefined);
    await Promise.all([this.decoder.close(), this.pixels.close()]);
    for (const frame of this.#frames) frame.free();
  }
}
