import { compareFragments, type FragmentRef } from "../core/fragment.js";
import type { SessionUrl } from "../core/session-url.js";
import type { Cursor } from "./cursor.js";
import { isExpiry, type FetchedFragment } from "./fetcher.js";
import type { SessionReader } from "./reader.js";
import { fragmentsAfter, type Position } from "./selection.js";

/** Where sessions over the past come from. Times are by the clock that capture times are on: Unix epoch, milliseconds. */
export interface ArchiveSupply {
  readonly longestRangeMs: number;
  /** Times grow with ingest, which those of a camera need not. */
  readonly isInOrderOfTime: boolean;
  /** A session lists no more than so many fragments, the oldest of its range. */
  readonly fragmentsListed: number;
  /** @returns undefined when nothing is stored there */
  open(range: { readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<SessionUrl | undefined>;
  /** Since when the service keeps what it was sent; -Infinity when that does not matter or is not known. */
  keptSince(fromMs: number, signal: AbortSignal): Promise<number>;
}

/** Playlists give whole milliseconds, and a position from elsewhere may be rounded. */
const ROUNDING_MS = 5;
/** How much older than the position footage may be that a camera sends late. */
const LATE_MS = 120_000;
/** How far a camera's clock may have been set back while nobody watched. */
const SET_BACK_MS = 600_000;
const CLOCK_IS_OFF_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A longer hole, of a stream whose retention is not known, is a clock that was set. */
const MOST_DAYS = 31;
/** New sessions that are refused without a fragment between them: something else is wrong. */
const MAX_REFUSED_IN_A_ROW = 3;

export interface ArchiveOptions {
  readonly reader: SessionReader;
  /** How many fragments to fetch at a time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
}

/** Reads what is in no live list any more. */
export class Archive {
  constructor(
    private readonly supply: ArchiveSupply,
    private readonly options: ArchiveOptions,
  ) {}

  /** See {@link ArchiveSupply.keptSince}; a camera's clock that is far off says nothing about it. */
  async keptSince(fromMs: number, until: FragmentRef): Promise<number> {
    const isOff = Math.abs(Date.now() - until.startMs) > CLOCK_IS_OFF_MS;
    return isOff ? -Infinity : this.supply.keptSince(fromMs, this.options.signal);
  }

  /**
   * Takes what is stored between a cursor and a fragment, in the order of ingest.
   * @param latestMs the latest start of a fragment that may exist by now
   */
  async *between(cursor: Cursor, until: FragmentRef, latestMs: number): AsyncGenerator<FetchedFragment> {
    const { position, keptSinceMs } = cursor;
    if (position === undefined) return;
    const bounds = this.supply.isInOrderOfTime ? { latestMs: -Infinity, lateMs: 0 } : { latestMs, lateMs: LATE_MS };
    for (const range of rangesBetween(position, until, { keptSinceMs, ...bounds })) yield* this.within(range, cursor, until);
  }

  /**
   * Takes what is stored in a range of time between a cursor and a fragment.
   * @throws KVSConnectionError, HLSStreamError or the signal's reason
   */
  async *within({ fromMs, toMs }: TimeRange, cursor: Cursor, until: FragmentRef): AsyncGenerator<FetchedFragment> {
    const { supply, options: { reader, parallel, signal } } = this;
    let refusedInARow = 0;
    for (let at = fromMs; at <= toMs; ) {
      const end = Math.min(toMs, at + supply.longestRangeMs);
      const session = await supply.open({ fromMs: at, toMs: Math.max(end, at + 1) }, signal);
      try {
        const listed = session === undefined ? [] : (await reader.wholePlaylist(session, signal)).fragments;
        const missing = fragmentsAfter(listed, cursor.position).filter((fragment) => compareFragments(fragment, until) < 0);
        for (const [place, fragment] of missing.entries()) {
          cursor.begin(missing.slice(place), parallel);
          const fetched = await cursor.takeSurely(fragment, listed);
          refusedInARow = 0;
          at = Math.max(at, fragment.startMs - ROUNDING_MS);
          if (fetched !== undefined) yield fetched;
        }
        const isCut = listed.length >= supply.fragmentsListed;
        at = isCut ? Math.max(at, ...listed.map(({ startMs }) => startMs)) + 1 : end + 1;
      } catch (error) {
        refusedInARow += 1;
        if (!isExpiry(error) || refusedInARow >= MAX_REFUSED_IN_A_ROW) throw error;
      }
    }
  }
}

/** Both compared with the start of a fragment, both inclusive: Unix epoch, milliseconds. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Bounds {
  readonly keptSinceMs: number;
  readonly latestMs: number;
  readonly lateMs: number;
}

/**
 * By the clock. Where it was set back, the hole may reach over to either side of both ends; where old footage is sent late, it may
 * lie before the position, and new footage between two fragments of it. A clock that was set by years is looked at near both ends only.
 */
function rangesBetween({ fragment, untilMs }: Position, until: FragmentRef, { keptSinceMs, latestMs, lateMs }: Bounds): TimeRange[] {
  const isSetBack = until.startMs < fragment.startMs;
  const fromMs = isSetBack ? until.startMs - SET_BACK_MS : fragment.startMs - ROUNDING_MS - lateMs;
  const lastMs = isSetBack ? untilMs + SET_BACK_MS : until.startMs;
  const toMs = Math.max(lastMs, Math.min(latestMs, fromMs + DAY_MS));
  if (toMs - fromMs <= MOST_DAYS * DAY_MS || keptSinceMs > -Infinity) return [{ fromMs: Math.max(fromMs, keptSinceMs), toMs }];
  const ends = [{ fromMs, toMs: fromMs + DAY_MS }, { fromMs: toMs - DAY_MS, toMs }];
  // What was sent first comes first.
  return isSetBack ? ends.reverse() : ends;
}
