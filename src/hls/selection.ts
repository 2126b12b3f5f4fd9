import type { GapCause } from "../core/events.js";
import { compareFragments, type FragmentRef } from "../core/fragment.js";

/** How far a reader has come. */
export interface Position {
  readonly fragment: FragmentRef;
  /** Pictures up to here were taken: Unix epoch, milliseconds. */
  readonly untilMs: number;
  /** The fragment was taken in part only, and is to be taken again. */
  readonly isPartial: boolean;
}

/** A stretch of time of which nothing was or will be delivered: Unix epoch, milliseconds. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: GapCause;
}

/** The service calls it a discontinuity when fragments are more than this apart or overlap by more, milliseconds. */
const DISCONTINUITY_MS = 50;

export const positionAfter = (fragment: FragmentRef): Position => ({ fragment, untilMs: fragment.startMs + fragment.durationMs, isPartial: false });

/**
 * Which of the listed fragments (oldest first) to take next: the newest when nothing was taken yet, or when the oldest one not
 * taken lags more than `maxLagMs` behind; otherwise all that come after the position.
 */
export function selectFragments<F extends FragmentRef>(listed: readonly F[], position: Position | undefined, maxLagMs = Infinity): readonly F[] {
  const newest = listed.at(-1);
  if (newest === undefined) return [];
  if (position === undefined) return [newest];
  const isNext = (fragment: F): boolean => {
    const order = compareFragments(fragment, position.fragment);
    return order > 0 || (order === 0 && position.isPartial);
  };
  const next = listed.filter(isNext);
  const oldest = next[0];
  return oldest !== undefined && newest.startMs - oldest.startMs > maxLagMs ? [newest] : next;
}

/** What is missing between the position and the fragment taken next, if anything. */
export function gapBefore(fragment: FragmentRef, position: Position | undefined, listed: readonly FragmentRef[]): Gap | undefined {
  if (position === undefined || fragment.startMs - position.untilMs <= DISCONTINUITY_MS) return undefined;
  if (position.isPartial && compareFragments(fragment, position.fragment) === 0) return undefined;
  return { fromMs: position.untilMs, toMs: fragment.startMs, cause: causeOf(fragment, position, listed) };
}

function causeOf(fragment: FragmentRef, { fragment: last }: Position, listed: readonly FragmentRef[]): GapCause {
  const isPassedOver = listed.some((other) => compareFragments(other, last) > 0 && compareFragments(other, fragment) < 0);
  if (isPassedOver) return "lag";
  const isLastListed = listed.some((other) => compareFragments(other, last) === 0);
  return isLastListed ? "offline" : "window";
}
