import { HLSStreamError } from "../core/errors.js";
import type { FragmentRef } from "../core/fragment.js";
import type { ListedFragment } from "./playlist.js";
import type { SessionReader } from "./reader.js";

/** A fragment as fetched. */
export interface FetchedFragment {
  readonly ref: FragmentRef;
  /** The init segment it needs; the same Buffer for as long as the bytes are the same. */
  readonly init: Buffer;
  readonly body: Buffer;
  /** Unix epoch, milliseconds. */
  readonly receivedAt: number;
  /** Bytes, with all tries. */
  readonly downloaded: number;
  /**
   * Fetches it once more, for a body that proved broken.
   * @throws HLSStreamError, or the signal's reason
   */
  readonly again: () => Promise<FetchedFragment>;
}

/** Fragments in a row that are refused for good: then it is not they. */
const MAX_LOST_IN_A_ROW = 3;
/** Rounds of loading the list in which the newest fragment cannot be had, until that is the connection's fault. */
const MAX_ROUNDS = 3;

/** What became of a fragment: `later` means to ask for it again with the next list. */
export type Outcome = FetchedFragment | { readonly lost: HLSStreamError } | "later";

/** Fetches fragments, and tells a fragment that is broken from a connection that is. */
export class FragmentFetcher {
  /** Fetched out of turn: because their turn comes soon, or to see whether anything can be fetched. */
  readonly #ahead = new Map<string, Promise<FetchedFragment>>();
  #lostInARow = 0;
  #rounds = 0;

  constructor(
    private readonly reader: SessionReader,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param newest the last one listed: when that can be had and this one cannot, this one is lost
   * @throws HLSStreamError SESSION_EXPIRED, or what is wrong with the connection
   */
  async fetch(fragment: ListedFragment, newest: ListedFragment): Promise<Outcome> {
    try {
      return await this.#take(fragment);
    } catch (error) {
      if (!isItsOwn(error)) throw error;
      if (!error.retryable) return this.#lose(error);
      if (fragment === newest) return this.#postpone(error);
      await this.#look(newest);
    }
    try {
      return await this.#take(fragment);
    } catch (error) {
      if (!isItsOwn(error)) throw error;
      return this.#lose(error);
    }
  }

  /** Begins to fetch what will be asked for soon. */
  begin(fragment: ListedFragment): void {
    if (this.#ahead.has(fragment.number)) return;
    const fetching = this.#get(fragment);
    fetching.catch(() => undefined); // told to whoever asks for it
    this.#ahead.set(fragment.number, fetching);
  }

  async #take(fragment: ListedFragment): Promise<FetchedFragment> {
    const fetched = await this.#fetched(fragment);
    this.#ahead.delete(fragment.number);
    this.#lostInARow = 0;
    this.#rounds = 0;
    return fetched;
  }

  /** Fetches it, for later. */
  async #look(fragment: ListedFragment): Promise<void> {
    this.begin(fragment);
    await this.#fetched(fragment);
  }

  async #fetched(fragment: ListedFragment): Promise<FetchedFragment> {
    try {
      return await (this.#ahead.get(fragment.number) ?? this.#get(fragment));
    } catch (error) {
      this.#ahead.delete(fragment.number);
      // Of a session that is over nothing more will come.
      if (isExpiry(error)) this.#ahead.clear();
      throw error;
    }
  }

  #postpone(error: HLSStreamError): "later" {
    this.#rounds += 1;
    if (this.#rounds >= MAX_ROUNDS) throw error;
    return "later";
  }

  #lose(error: HLSStreamError): { lost: HLSStreamError } {
    this.#rounds = 0;
    this.#lostInARow += 1;
    if (this.#lostInARow >= MAX_LOST_IN_A_ROW) throw error;
    return { lost: error };
  }

  async #get(fragment: ListedFragment, before = 0): Promise<FetchedFragment> {
    const { number, startMs, durationMs } = fragment;
    const init = await this.reader.init(fragment, this.signal);
    const { body, receivedAt } = await this.reader.fragment(fragment, this.signal);
    const downloaded = before + body.length;
    return { ref: { number, startMs, durationMs }, init, body, receivedAt, downloaded, again: () => this.#get(fragment, downloaded) };
  }
}

export const isExpiry = (error: unknown): boolean => error instanceof HLSStreamError && error.code === "SESSION_EXPIRED";

const isItsOwn = (error: unknown): error is HLSStreamError => error instanceof HLSStreamError && !isExpiry(error);
