import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import { EarlyFfmpeg } from "../../decoder/early.js";
import { likelyFfmpeg, locateFfmpeg, type Ffmpeg } from "../../decoder/locate.js";
import { environment } from "../environment.js";

/** What takes longer than this may be no ffmpeg. */
const SUSPECT_AFTER_MS = 2000;
/** More save little, and each holds pictures. */
const MOST_THREADS = 4;

/**
 * The ffmpegs of a snapshot. One is started at once, without a look at whether it is one: that would cost a start more. The look is
 * taken where it fails, or takes long.
 */
export class Ffmpegs {
  readonly #started: EarlyFfmpeg[] = [];
  #waiting: EarlyFfmpeg | undefined;
  #located: Promise<Ffmpeg> | undefined;

  constructor(
    private readonly options: Pick<ResolvedSnapshotOptions, "ffmpegPath" | "pixelFormat" | "resize">,
    private readonly signal: AbortSignal,
  ) {
    const { width, height } = options.resize ?? {};
    // The other side of one follows from the picture.
    const isSizeKnown = (width === undefined) === (height === undefined);
    if (isSizeKnown) this.#waiting = this.#start(Math.min(MOST_THREADS, availableParallelism()));
    signal.addEventListener("abort", () => void this.close(), { once: true });
  }

  /**
   * For whoever asks first, the one that was started at once.
   * @param isReordered whether pictures are presented in another order than they are decoded
   */
  takeEarly(isReordered: boolean): EarlyFfmpeg | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting !== undefined && isReordered && waiting.output.threads > 1 ? this.#start(1) : waiting;
  }

  /** @throws DecoderError FFMPEG_NOT_FOUND, or the signal's reason */
  locate(): Promise<Ffmpeg> {
    this.#located ??= locateFfmpeg(this.options.ffmpegPath, environment(), this.signal);
    return this.#located;
  }

  /** Never fulfilled. Rejects with what is wrong as soon as there turns out to be no ffmpeg that runs, while a picture is looked for. */
  async fault(): Promise<never> {
    const late = sleep(SUSPECT_AFTER_MS, undefined, { signal: this.signal }).catch(() => undefined);
    await Promise.race([this.#started[0]?.failed, late]);
    if (!this.signal.aborted) await this.locate();
    return new Promise<never>(() => undefined);
  }

  /** Waits until none is left. */
  async close(): Promise<void> {
    await Promise.all(this.#started.map((each) => each.close()));
  }

  #start(threads: number): EarlyFfmpeg {
    const { ffmpegPath, pixelFormat, resize: { width, height } = {} } = this.options;
    const size = width === undefined || height === undefined ? undefined : { width, height };
    const early = new EarlyFfmpeg(likelyFfmpeg(ffmpegPath, environment()), { pixelFormat, size, threads });
    this.#started.push(early);
    return early;
  }
}
