import type { HLSStreamError } from "../core/errors.js";
import type { GapCause } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import { FragmentFetcher, type FetchedFragment } from "./fetcher.js";
import type { ListedFragment } from "./playlist.js";
import type { SessionReader } from "./reader.js";
import { gapsBefore, positionAfter, type Gap, type Position } from "./selection.js";

export interface CursorOptions {
  readonly reader: SessionReader;
  /** Where to go on; undefined: with whatever is taken first. */
  readonly position: Position | undefined;
  readonly signal: AbortSignal;
  readonly onGap: (gap: Gap) => void;
  /** A fragment could not be had although it was tried more than once. */
  readonly onLost: (fragment: FragmentRef, error: HLSStreamError) => void;
}

/** How far reading has come: takes fragments one after the other and tells what is missing between them. */
export class Cursor {
  position: Position | undefined;
  /** The oldest time that the service still keeps: Unix epoch, milliseconds. */
  keptSinceMs = -Infinity;
  readonly #fetcher: FragmentFetcher;

  constructor(private readonly options: CursorOptions) {
    this.position = options.position;
    this.#fetcher = new FragmentFetcher(options.reader, options.signal);
  }

  /** Begins to fetch what will be taken soon. */
  begin(fragment: ListedFragment): void {
    this.#fetcher.begin(fragment);
  }

  /**
   * Fetches a fragment of a list and moves on to it.
   * @param cause why there is nothing between it and the one before
   * @returns undefined for a fragment that is lost
   * @throws HLSStreamError SESSION_EXPIRED, or what is wrong with the connection; or the signal's reason
   */
  async take(fragment: ListedFragment, listed: readonly ListedFragment[], cause: GapCause): Promise<FetchedFragment | "later" | undefined> {
    const outcome = await this.#fetcher.fetch(fragment, listed.at(-1) ?? fragment);
    if (outcome === "later") return outcome;
    this.tellGaps(fragment, cause);
    const { number, startMs, durationMs } = fragment;
    const ref: FragmentRef = { number, startMs, durationMs };
    this.position = positionAfter(ref);
    if (!("lost" in outcome)) return outcome;
    this.options.onLost(ref, outcome.lost);
    return undefined;
  }

  /** As {@link take}, asking again for as long as it takes. */
  async takeSurely(fragment: ListedFragment, listed: readonly ListedFragment[]): Promise<FetchedFragment | undefined> {
    for (;;) {
      const fetched = await this.take(fragment, listed, "offline");
      if (fetched !== "later") return fetched;
    }
  }

  /** Tells what is missing between the position and what comes next. */
  tellGaps(next: FragmentRef, cause: GapCause): void {
    for (const gap of gapsBefore(next, this.position, cause, this.keptSinceMs)) this.options.onGap(gap);
  }
}
