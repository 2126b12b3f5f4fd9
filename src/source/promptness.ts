import { availableParallelism } from "node:os";
import type { SourceOptions } from "../core/options.js";
import type { DecoderSetup } from "../core/picture.js";
import { announcedReordering } from "../media/decoder-setup.js";
import type { CodedPicture } from "../media/pictures.js";

/** The decoder's own choice, one more than there are cores, leaves some of them idle while a picture is scaled and written. */
export const ARCHIVE_THREADS = Math.min(16, 2 * availableParallelism() + 2);

/**
 * How the pictures of one setup are decoded: with how many threads, and how the last ones of a fragment come out although
 * a decoder keeps some until more come, which for a live camera is a fragment's length later.
 */
export class Promptness {
  readonly #announced: number | undefined;
  #threads: number | undefined;

  constructor(
    private readonly options: Pick<SourceOptions, "decoder" | "end" | "targetFps">,
    private readonly setup: DecoderSetup,
  ) {
    this.#announced = announcedReordering(setup);
  }

  /** As the first samples told. */
  get threads(): number {
    return this.#threads ?? 1;
  }

  /**
   * How many pictures are to be pushed out behind these samples. That costs as many key pictures' decoding (two: 3 to 8 % of
   * all), and less than an ffmpeg for each fragment, which ends and so gives all (22 %).
   */
  heldBack(samples: readonly CodedPicture[]): number {
    const threads = (this.#threads ??= this.#threadsFor(samples));
    return this.#isPrompt(samples) ? this.#reordering(samples) + threads - 1 : 0;
  }

  /**
   * With threads, ffmpeg lets out H.264 pictures that it concealed if it holds them back to put them in order; its libraries tell
   * (docs/corruption.md). Pictures of a fragment that cannot be pushed out would come late.
   */
  #threadsFor(samples: readonly CodedPicture[]): number {
    if (this.options.decoder === "ffmpeg" && this.setup.codec === "h264" && this.#reordering(samples) > 0) return 1;
    // Threads cost a tenth more work, which pays where all pictures are wanted as soon as they can be had.
    if (this.options.end !== undefined) return this.options.targetFps === undefined ? ARCHIVE_THREADS : 1;
    return this.#isPrompt(samples) ? 2 : 1;
  }

  #isPrompt([first]: readonly CodedPicture[]): boolean {
    return this.options.end === undefined && first?.kind.isIdr === true;
  }

  #reordering(samples: readonly CodedPicture[]): number {
    return Math.max(this.#announced ?? 0, ...samples.slice(0, 1).map(({ depth }) => depth));
  }
}
