import { HLSStreamError } from "../core/errors.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { ReadFragment } from "./read-fragment.js";

/** As many as could be read back, and some more. */
const MOST_SPOILED = 100;
const MOST_KEPT_BYTES = 24 * 2 ** 20;

/** Reads the fragments before one, for what its pictures reference. */
export class EarlierFragments {
  /** Numbers of fragments of which something was given up. */
  readonly #spoiled = new Set<string>();
  #kept: ReadFragment[] = [];

  constructor(private readonly read: (fragment: FetchedFragment, next: ReadFragment) => ReadFragment) {}

  /** Something of a fragment was given up: it is not fetched again for the sake of those behind it. */
  spoil(number: string): void {
    this.#spoiled.add(number);
    for (const oldest of this.#spoiled) {
      if (this.#spoiled.size <= MOST_SPOILED) break;
      this.#spoiled.delete(oldest);
    }
  }

  /** Keeps a fragment that those behind it will ask for, so that it is not fetched once more for each of them. */
  keep(read: ReadFragment): void {
    if (!read.isWhole) return;
    this.#kept.push(read);
    const bytes = (): number => this.#kept.reduce((sum, { fragment }) => sum + fragment.total, 0);
    while (bytes() > MOST_KEPT_BYTES) this.#kept.shift();
  }

  /** Nothing behind this place references what precedes it. */
  forget(): void {
    this.#kept = [];
  }

  /**
   * Returns the fragment before one; undefined when none is listed, or it cannot be had.
   * @throws HLSStreamError SESSION_EXPIRED, or the signal's reason
   */
  async before(next: ReadFragment): Promise<ReadFragment | undefined> {
    const { init } = next.fragment;
    const previous = next.fragment.previous();
    if (previous === undefined || this.#spoiled.has(previous.number)) return undefined;
    const kept = this.#kept.find(({ fragment }) => fragment.ref.number === previous.number);
    if (kept !== undefined) return kept;
    try {
      const fetched = await previous.get();
      return fetched.init === init ? this.read(fetched, next) : undefined;
    } catch (error) {
      // What cannot be fetched is reported as a gap.
      if (error instanceof HLSStreamError && error.code !== "SESSION_EXPIRED") return undefined;
      throw error;
    }
  }
}
