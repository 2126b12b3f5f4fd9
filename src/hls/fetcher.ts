import { HLSStreamError } from "../core/errors.js";
import { compareFragments, type FragmentRef } from "../core/fragment.js";
import type { Need } from "../core/need.js";
import type { ListedFragment } from "./playlist.js";
import type { SessionReader } from "./reader.js";

/** A fragment as fetched. */
export interface FetchedFragment {
  readonly ref: FragmentRef;
  /** The init segment it needs; the same Buffer for as long as the bytes are the same. */
  readonly init: Buffer;
  /** All of it, or as much from its start as was wanted. */
  readonly body: Buffer;
  /** Bytes of all of it. */
  readonly total: number;
  /** Unix epoch, milliseconds. */
  readonly receivedAt: number;
  /** Bytes, with all tries. */
  readonly downloaded: number;
  /**
   * Fetches it once more, for a body that proved broken.
   * @throws HLSStreamError, or the signal's reason
   */
  readonly again: () => Promise<FetchedFragment>;
  /** As {@link again}, all of it. */
  readonly whole: () => Promise<FetchedFragment>;
  /** As much more as it takes to have so many bytes from its start; see {@link again} for what it throws. */
  readonly upTo: (bytes: number) => Promise<FetchedFragment>;
  /** Returns the fragment that was ingested before it, for pictures that reference it; undefined when none is listed. */
  readonly previous: () => PreviousFragment | undefined;
}

export interface PreviousFragment {
  readonly number: string;
  /** Fetches all of it; see {@link FetchedFragment.again} for what it throws. */
  readonly get: () => Promise<FetchedFragment>;
}

type Wanted = Exclude<Need, "nothing">;

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
   * @param listed when the last of them can be had and this one cannot, this one is lost
   * @throws HLSStreamError SESSION_EXPIRED, or what is wrong with the connection
   */
  async fetch(fragment: ListedFragment, listed: readonly ListedFragment[], need: Wanted): Promise<Outcome> {
    const newest = listed.at(-1) ?? fragment;
    try {
      return await this.#take(fragment, listed, need);
    } catch (error) {
      if (!isItsOwn(error)) throw error;
      if (!error.retryable) return this.#lose(error);
      if (fragment === newest) return this.#postpone(error);
      await this.#look(newest);
    }
    try {
      return await this.#take(fragment, listed, need);
    } catch (error) {
      if (!isItsOwn(error)) throw error;
      return this.#lose(error);
    }
  }

  /** Begins to fetch what will be asked for soon. */
  begin(fragment: ListedFragment, need: Wanted): void {
    if (this.#ahead.has(fragment.number)) return;
    const fetching = this.#get(fragment, need);
    fetching.catch(() => undefined); // told to whoever asks for it
    this.#ahead.set(fragment.number, fetching);
  }

  /** What was begun will not be asked for. */
  forget({ number }: ListedFragment): void {
    this.#ahead.delete(number);
  }

  async #take(fragment: ListedFragment, listed: readonly ListedFragment[], need: Wanted): Promise<FetchedFragment> {
    const fetched = this.#withPrevious(await this.#fetched(fragment, need), listed);
    this.#ahead.delete(fragment.number);
    this.#lostInARow = 0;
    this.#rounds = 0;
    return fetched;
  }

  /** Fetches it, for later. */
  async #look(fragment: ListedFragment): Promise<void> {
    this.begin(fragment, "whole");
    await this.#fetched(fragment, "whole");
  }

  async #fetched(fragment: ListedFragment, need: Wanted): Promise<FetchedFragment> {
    try {
      return await (this.#ahead.get(fragment.number) ?? this.#get(fragment, need));
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

  #withPrevious(fetched: FetchedFragment, listed: readonly ListedFragment[]): FetchedFragment {
    const previous = (): PreviousFragment | undefined => {
      const last = listed.filter((other) => compareFragments(other, fetched.ref) < 0).sort(compareFragments).at(-1);
      return last && { number: last.number, get: async () => this.#withPrevious(await this.#get(last, "whole"), listed) };
    };
    const keep = (get: () => Promise<FetchedFragment>) => async () => this.#withPrevious(await get(), listed);
    const upTo = async (bytes: number) => this.#withPrevious(await fetched.upTo(bytes), listed);
    return { ...fetched, again: keep(fetched.again), whole: keep(fetched.whole), upTo, previous };
  }

  async #get(fragment: ListedFragment, need: Wanted, before = 0, have?: Buffer): Promise<FetchedFragment> {
    const { number, startMs, durationMs } = fragment;
    const { reader, signal } = this;
    const init = await reader.init(fragment, signal);
    const beginning = need === "whole" ? undefined : { have, guess: need.guess, bytesNeeded: (bytes: Buffer, total: number) => need.bytesNeeded(bytes, total, init) };
    const { body, total, receivedAt, received } = await reader.fragment(fragment, signal, beginning);
    const downloaded = before + received;
    const upTo = (bytes: number) => this.#get(fragment, { guess: bytes, bytesNeeded: () => bytes }, downloaded, body);
    const anew = (wanted: Wanted) => () => this.#get(fragment, wanted, downloaded);
    return { ref: { number, startMs, durationMs }, init, body, total, receivedAt, downloaded, again: anew(need), whole: anew("whole"), upTo, previous: () => undefined };
  }
}

export const isExpiry = (error: unknown): boolean => error instanceof HLSStreamError && error.code === "SESSION_EXPIRED";

/** Whether the fragment may be at fault; a broken init segment, the only media that is looked at here, is not its own. */
const isItsOwn = (error: unknown): error is HLSStreamError => error instanceof HLSStreamError && !isExpiry(error) && error.code !== "MALFORMED_MEDIA";
