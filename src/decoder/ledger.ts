import type { CodedPictures } from "../core/picture.js";

/** A decoder may rightly keep this many pictures back to put them in order (H.264 and H.265 allow 16) before it gives one, and one more in each thread. */
const HELD_BACK = 16;
/** ffmpeg starts no more when it may choose. */
const MOST_THREADS = 16;

/** @param threads as in DecoderOutput */
export const mostHeldBack = (threads = 1): number => HELD_BACK + (threads || MOST_THREADS);

/**
 * What a decoder owes: the wanted pictures that went in and have not come out. Fragments are kept until all that is wanted of
 * them has come out: as many as the decoder and the pipe to it hold.
 */
export class Ledger<T> {
  #inFlight: CodedPictures<T>[] = [];
  #lastIn = 0;
  /** The largest number that came out. */
  #lastOut = 0;
  /** Grows with everything that the decoder takes or gives. */
  progress = 0;
  /** Bytes are being written that the decoder has not taken yet. */
  isFeeding = false;
  /** All input was taken. */
  isEnded = false;

  /** @param heldBack how many pictures the decoder may keep back before it gives one; 0: none, not even for a while */
  constructor(private readonly heldBack = mostHeldBack()) {}

  add(pictures: CodedPictures<T>): void {
    this.#inFlight.push(pictures);
    this.#lastIn = pictures.last;
    this.#forget();
  }

  /**
   * Strikes out the picture that came out, and all before it: pictures come out in order of presentation.
   * @returns what was owed under that number (nothing if it came out of another decoder before), and what was passed over;
   * undefined if that number cannot come
   */
  settle(number: number): { given: T[]; lost: T[] } | undefined {
    if (number <= this.#lastOut || number > this.#lastIn) return undefined;
    this.progress += 1;
    const settled: { given: T[]; lost: T[] } = { given: [], lost: [] };
    for (const { wanted } of this.#inFlight) {
      // In order of number, because that is how they went in.
      for (const [other, value] of wanted) {
        if (other > number) break;
        if (other > this.#lastOut) (other === number ? settled.given : settled.lost).push(value);
      }
    }
    this.#lastOut = number;
    this.#forget();
    return settled;
  }

  /** The fragments of which something is owed and those fed between them, each wanting no more than what is owed. */
  get inFlight(): CodedPictures<T>[] {
    return this.#inFlight.map((pictures) => this.owedOf(pictures));
  }

  /** All that has not come out. */
  get owed(): T[] {
    return this.inFlight.flatMap(({ wanted }) => [...wanted.values()]);
  }

  /** The same pictures, of which only those are wanted that have not come out. */
  owedOf(pictures: CodedPictures<T>): CodedPictures<T> {
    return { ...pictures, wanted: new Map([...pictures.wanted].filter(([number]) => number > this.#lastOut)) };
  }

  /** Whether something should have come out, or gone in, by now. */
  get isOverdue(): boolean {
    if (this.isFeeding || this.isEnded) return true;
    const oldest = this.#oldest;
    return oldest !== undefined && (this.heldBack === 0 || this.#lastIn - oldest > 2 * this.heldBack);
  }

  get #oldest(): number | undefined {
    for (const number of this.#inFlight[0]?.wanted.keys() ?? []) if (number > this.#lastOut) return number;
    return undefined;
  }

  /** What came out whole is not in flight; what follows something that did not is kept, as it may be needed to go on. */
  #forget(): void {
    while (this.#inFlight.length > 0 && this.#oldest === undefined) this.#inFlight.shift();
  }
}
