import type { HLSStreamError } from "../core/errors.js";
import type { GapCause } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Need } from "../core/need.js";
import { FragmentFetcher, type FetchedFragment } from "./fetcher.js";
import type { ListedFragment } from "./playlist.js";
import type { SessionReader } from "./reader.js";
import { gapsBefore, positionAfter, type Gap, type Position } from "./selection.js";

/** What is needed of the fragments that are read. */
export interface ReadingPlan {
  /** Of the one that is taken now. */
  needOf(fragment: FragmentRef): Need;
  /** Of those that come after the one taken last something will probably be needed, in order, and what. */
  foresee<F extends FragmentRef>(upcoming: Iterable<F>): Iterable<readonly [F, Exclude<Need, "nothing">]>;
}

export interface CursorOptions {
  readonly reader: SessionReader;
  readonly plan: ReadingPlan;
  /** Where to go on; undefined: with whatever is taken first. */
  readonly position: Position | undefined;
  readonly signal: AbortSignal;
  readonly onGap: (gap: Gap) => void;
  /** A fragment could not be had although it was tried more than once. */
  readonly onLost: (fragment: FragmentRef, error: HLSStreamError) => void;
  /** Nothing is needed of a fragment, and nothing of it was asked for. */
  readonly onSkipped: (fragment: FragmentRef) => void;
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

  /** Begins to fetch so many of the fragments that will be taken next. */
  begin(upcoming: Iterable<ListedFragment>, count: number): void {
    let begun = 0;
    for (const [fragment, need] of this.options.plan.foresee(upcoming)) {
      if (++begun > count) return;
      this.#fetcher.begin(fragment, need);
    }
  }

  /**
   * Fetches a fragment of a list and moves on to it.
   * @param cause why there is nothing between it and the one before
   * @returns undefined for a fragment that is lost, or not needed
   * @throws HLSStreamError SESSION_EXPIRED, or what is wrong with the connection; or the signal's reason
   */
  async take(fragment: ListedFragment, listed: readonly ListedFragment[], cause: GapCause): Promise<FetchedFragment | "later" | undefined> {
    const { plan, onLost, onSkipped } = this.options;
    const need = plan.needOf(fragment);
    if (need === "nothing") {
      this.#fetcher.forget(fragment);
      onSkipped(this.#moveTo(fragment, cause));
      return undefined;
    }
    const outcome = await this.#fetcher.fetch(fragment, listed.length > 0 ? listed : [fragment], need);
    if (outcome === "later") return outcome;
    const ref = this.#moveTo(fragment, cause);
    if (!("lost" in outcome)) return outcome;
    onLost(ref, outcome.lost);
    return undefined;
  }

  #moveTo({ number, startMs, durationMs }: ListedFragment, cause: GapCause): FragmentRef {
    const ref: FragmentRef = { number, startMs, durationMs };
    this.tellGaps(ref, cause);
    this.position = positionAfter(ref);
    return ref;
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
