import { HLSStreamError } from "../core/errors.js";
import type { SourceOptions } from "../core/options.js";
import { announcedReordering, isRepeatable, seenReordering } from "../media/held-back.js";
import type { InitSegment } from "../media/init.js";
import { readSamples, type Sample } from "../media/samples.js";

/** As many threads of the decoder as it sees fit. */
const ANY = 0;

/**
 * How the pictures of one init segment are decoded: with how many threads, and how the last ones of a fragment come out although
 * a decoder keeps some until more come, which for a live camera is a fragment's length later.
 */
export class Promptness {
  readonly #announced: number | undefined;
  readonly threads: number;

  /** @param first the bytes of the fragment to begin with */
  constructor(
    private readonly options: Pick<SourceOptions, "end">,
    private readonly init: InitSegment,
    first: Buffer,
  ) {
    this.#announced = announcedReordering(init);
    this.threads = this.#threadsFor(samplesOf(first, init));
  }

  /**
   * How many pictures are to be pushed out behind these samples. That costs as many key pictures' decoding (two: 3 to 8 % of
   * all), and less than an ffmpeg for each fragment, which ends and so gives all (22 %).
   */
  heldBack(samples: readonly Sample[]): number {
    const [first] = samples;
    const isLive = this.options.end === undefined;
    if (!isLive || first === undefined || !isRepeatable(first, this.init)) return 0;
    return this.#reordering(samples) + this.threads - 1;
  }

  /**
   * With threads, ffmpeg lets out H.264 pictures that it concealed if it holds them back to put them in order
   * (docs/corruption.md). Those of a fragment that cannot be pushed out would come late.
   */
  #threadsFor(samples: readonly Sample[]): number {
    if (this.init.codec === "h264" && this.#reordering(samples) > 0) return 1;
    if (this.options.end !== undefined) return ANY;
    const [first] = samples;
    return first !== undefined && isRepeatable(first, this.init) ? 2 : 1;
  }

  #reordering(samples: readonly Sample[]): number {
    return Math.max(this.#announced ?? 0, seenReordering(samples));
  }
}

/** None of a fragment that is broken: it is dealt with when its turn comes. */
function samplesOf(fragment: Buffer, init: InitSegment): readonly Sample[] {
  try {
    return readSamples(fragment, init);
  } catch (error) {
    if (error instanceof HLSStreamError) return [];
    throw error;
  }
}
