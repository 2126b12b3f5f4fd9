import type { CodedPictures } from "../core/picture.js";

/** A decoder may rightly keep this many pictures back to put them in order (H.264 and H.265 allow 16) before it gives one. */
const HELD_BACK = 17;

/** What a decoder owes: the wanted pictures that went in and have not come out. */
export class Ledger<T> {
  readonly #owed = new Map<number, T>();
  #lastIn = 0;
  /** Grows with everything that the decoder takes or gives. */
  progress = 0;
  /** Bytes are being written that the decoder has not taken yet. */
  isFeeding = false;
  /** All input was taken. */
  isEnded = false;

  add(pictures: CodedPictures<T>): void {
    for (const [number, value] of pictures.wanted) this.#owed.set(number, value);
    this.#lastIn = pictures.last;
  }

  /**
   * Strikes out the picture that came out, and all before it: pictures come out in order of presentation.
   * @returns what was owed under that number, and what was passed over; undefined if nothing was owed under it
   */
  settle(number: number): { value: T; lost: T[] } | undefined {
    const value = this.#owed.get(number);
    if (value === undefined) return undefined;
    this.progress += 1;
    const lost: T[] = [];
    // In order of number, because that is how they went in.
    for (const [other, owed] of this.#owed) {
      if (other > number) break;
      if (other < number) lost.push(owed);
      this.#owed.delete(other);
    }
    return { value, lost };
  }

  /** All that will not come any more. */
  writeOff(): T[] {
    const lost = [...this.#owed.values()];
    this.#owed.clear();
    return lost;
  }

  /** Whether something should have come out, or gone in, by now. */
  get isOverdue(): boolean {
    if (this.isFeeding || this.isEnded) return true;
    const [oldest] = this.#owed.keys();
    return oldest !== undefined && this.#lastIn - oldest > 2 * HELD_BACK;
  }
}
