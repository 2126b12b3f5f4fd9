import type { DecoderSetup } from "../core/picture.js";
import { makeSetup } from "./decoder-setup.js";
import type { InitSegment } from "./init.js";
import type { ActiveSets, ParameterSets } from "./parameter-sets.js";
import { adjustedDepth } from "./reorder-depth.js";

/** What a picture's decoder is set up with. */
export interface SetUp {
  readonly setup: DecoderSetup;
  readonly sets: ParameterSets;
  /** The sequence parameter set in use, and the depth that it was made to say. */
  readonly nal: Buffer;
  readonly depth: number | undefined;
}

/** A picture, as far as its setup goes. */
interface PictureSets {
  readonly active: ActiveSets;
  /** All sets in force at it. */
  readonly sets: ParameterSets;
  readonly kind: { readonly isReset: boolean };
}

const MOST_SETUPS = 32;

/** Makes the setups of one init segment's pictures: the same object for the same setup, so that a decoder can go on. */
export class SetupKeeper {
  readonly #setups = new Map<string, DecoderSetup>();

  constructor(private readonly init: InitSegment) {}

  /**
   * Returns what the next picture is set up with: something else where its sequence parameter set is another. Of other sets, a decoder
   * learns by what comes in samples, or at the next reset.
   * @param depth how deep pictures are reordered
   */
  next({ active: { sps, nal }, sets, kind }: PictureSets, depth: number, last: SetUp | undefined): SetUp {
    const adjusted = adjustedDepth(sps, depth);
    const isSame = last?.nal.equals(nal) && last.depth === adjusted && (last.sets === sets || !kind.isReset);
    if (last !== undefined && isSame) return last;
    return { setup: this.#setupFor({ sps, nal }, sets, adjusted), sets, nal, depth: adjusted };
  }

  #setupFor({ sps: { width, height }, nal }: Pick<ActiveSets, "sps" | "nal">, sets: ParameterSets, depth: number | undefined): DecoderSetup {
    const key = [depth, nal.toString("base64"), sets.key].join(":");
    const known = this.#setups.get(key);
    if (known !== undefined) return known;
    const setup = makeSetup({ init: this.init, sets: sets.units, width, height, depth });
    if (this.#setups.size >= MOST_SETUPS) this.#setups.clear();
    this.#setups.set(key, setup);
    return setup;
  }
}
