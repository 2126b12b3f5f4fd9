import type { GapCause } from "../core/events.js";
import { compareFragments, LONGEST_FRAGMENT_MS, type FragmentRef } from "../core/fragment.js";

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

/** No fragment has it: what is compared with it is compared by time. */
const NO_NUMBER = "";

/** Reading begins, or ends, at this time: Unix epoch, milliseconds. */
export const fragmentAt = (startMs: number): FragmentRef => ({ number: NO_NUMBER, startMs, durationMs: 0 });

/** Nothing was taken yet, and reading begins at this time, which may be in the middle of a fragment. */
export const positionAt = (timeMs: number): Position => ({ fragment: fragmentAt(timeMs - LONGEST_FRAGMENT_MS), untilMs: timeMs, isPartial: false });

/** The fragments that come after the position, and the one that it is in the middle of, in order of ingest; all without a position. */
export function fragmentsAfter<F extends FragmentRef>(listed: readonly F[], position: Position | undefined): F[] {
  const isNext = (fragment: F): boolean => {
    if (position === undefined) return true;
    if (position.fragment.number === NO_NUMBER && fragment.startMs + fragment.durationMs < position.untilMs) return false;
    const order = compareFragments(fragment, position.fragment);
    return order > 0 || (order === 0 && position.isPartial);
  };
  // The service lists them in order; a list that is not would repeat what comes before something taken.
  return listed.filter(isNext).sort(compareFragments);
}

/**
 * Which of the listed fragments (oldest first) to take next: the newest when nothing was taken yet, or when more than
 * `maxLagMs` of footage lies between it and the oldest one not taken; otherwise all that come after the position.
 */
export function selectFragments<F extends FragmentRef>(listed: readonly F[], position: Position | undefined, maxLagMs = Infinity): F[] {
  const next = fragmentsAfter(listed, position);
  // Lengths, not times: the camera's clock may step.
  const lagMs = next.slice(0, -1).reduce((sum, { durationMs }) => sum + durationMs, 0);
  return position === undefined || lagMs > maxLagMs ? next.slice(-1) : next;
}

/**
 * Whether there may be fragments between the position and the next one that are not listed any more. Their times do not tell:
 * a camera's clock may step.
 */
export function mayMissBefore(next: FragmentRef, position: Position, listed: readonly FragmentRef[]): boolean {
  if (compareFragments(next, position.fragment) === 0) return false;
  const isLastListed = listed.some((other) => compareFragments(other, position.fragment) === 0);
  return position.isPartial || !isLastListed;
}

/**
 * The stretch between the position and the fragment taken next, if it is one. What the service threw away as too old is told
 * apart from the rest.
 * @param keptSinceMs the oldest time that it still keeps
 */
export function gapsBefore(next: FragmentRef, position: Position | undefined, cause: GapCause, keptSinceMs = -Infinity): Gap[] {
  if (position === undefined || (position.isPartial && compareFragments(next, position.fragment) === 0)) return [];
  const [fromMs, toMs] = [position.untilMs, next.startMs];
  const splitMs = Math.min(Math.max(fromMs, keptSinceMs), toMs);
  const gaps: Gap[] = [
    { fromMs, toMs: splitMs, cause: "window" },
    { fromMs: splitMs, toMs, cause },
  ];
  return gaps.filter((gap) => gap.toMs - gap.fromMs > DISCONTINUITY_MS);
}
