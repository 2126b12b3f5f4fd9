import { setTimeout as sleep } from "node:timers/promises";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import { EarlyFfmpeg } from "../../decoder/early.js";
import { likelyFfmpeg, locateFfmpeg, type Ffmpeg } from "../../decoder/locate.js";
import { environment } from "../environment.js";

/** What takes longer than this may be no ffmpeg. */
const SUSPECT_AFTER_MS = 2000;

/**
 * The ffmpegs of a snapshot. One is started at once, without a look at whether it is one: that would cost a start more. The look is
 * taken where it fails, or takes long.
 */
export class Ffmpegs {
  readonly #early: EarlyFfmpeg | undefined;
  #isTaken = false;
  #located: Promise<Ffmpeg> | undefined;

  constructor(
    private readonly options: Pick<ResolvedSnapshotOptions, "ffmpegPath" | "pixelFormat" | "resize">,
    private readonly signal: AbortSignal,
  ) {
    const { ffmpegPath, pixelFormat, resize: { width, height } = {} } = options;
    const size = width === undefined || height === undefined ? undefined : { width, height };
    // The other side of one follows from the picture.
    const isSizeKnown = size !== undefined || (width === undefined && height === undefined);
    if (isSizeKnown) this.#early = new EarlyFfmpeg({ ffmpeg: likelyFfmpeg(ffmpegPath, environment()), pixelFormat, size });
    signal.addEventListener("abort", () => void this.close(), { once: true });
  }

  /** The one that was started at once, to whoever asks first. */
  takeEarly(): EarlyFfmpeg | undefined {
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    return this.#early;
  }

  /** @throws DecoderError FFMPEG_NOT_FOUND, or the signal's reason */
  locate(): Promise<Ffmpeg> {
    this.#located ??= locateFfmpeg(this.options.ffmpegPath, environment(), this.signal);
    return this.#located;
  }

  /** Never fulfilled. Rejects with what is wrong as soon as there turns out to be no ffmpeg that runs, while a picture is looked for. */
  async fault(): Promise<never> {
    const late = sleep(SUSPECT_AFTER_MS, undefined, { signal: this.signal }).catch(() => undefined);
    await Promise.race([this.#early?.failed, late]);
    if (!this.signal.aborted) await this.locate();
    return new Promise<never>(() => undefined);
  }

  /** Waits until none is left. */
  async close(): Promise<void> {
    await this.#early?.close();
  }
}
