import type { Clock } from "../../core/frame.js";
import type { StoredFragment } from "../../core/stored-fragment.js";
import { durationOf, type StoredTime, type TimeSpan } from "../../core/stored-time.js";
import type { WantedStill } from "../../source/timeline/wanted-stills.js";

/** A part of a range, and the picture that is to stand for it; undefined where nothing is stored. */
export interface Cell extends TimeSpan {
  readonly wanted: WantedStill | undefined;
}

interface Stored extends Pick<StoredTime, "stretches"> {
  readonly range: TimeSpan & { readonly clock: Clock };
  readonly fragments: readonly StoredFragment[];
}

/** In so much longer a cell, the first picture of a fragment is near enough to its middle, and needs no other to be decoded. */
const MANY_FRAGMENTS = 10;

/** Cuts a range into equal parts, each with what is stored nearest to its middle. */
export function cellsOf(stored: Stored, count: number): Cell[] {
  const { range } = stored;
  const width = durationOf(range) / count;
  return Array.from({ length: count }, (_, place): Cell => {
    const cell = { fromMs: range.fromMs + place * width, toMs: range.fromMs + (place + 1) * width };
    return { ...cell, wanted: wantedIn(cell, stored) };
  });
}

function wantedIn(cell: TimeSpan, { range: { clock }, stretches, fragments }: Stored): WantedStill | undefined {
  if (!stretches.some(({ fromMs, toMs }) => fromMs < cell.toMs && toMs > cell.fromMs)) return undefined;
  const middleMs = (cell.fromMs + cell.toMs) / 2;
  const distance = (fragment: StoredFragment): number => Math.abs(nearest(middleMs, fragment, clock) - middleMs);
  const begun = fragments.filter(({ startMs }) => startMs[clock] < cell.toMs);
  const within = begun.filter(({ startMs, lengthMs }) => startMs[clock] + lengthMs >= cell.fromMs);
  // Where there is none, the last picture of an earlier one lasts into the cell.
  const fragment = within.reduce((best, each) => (best === undefined || distance(each) < distance(best) ? each : best), within[0]) ?? begun.at(-1);
  if (fragment === undefined) return undefined;
  const isShort = fragment.lengthMs * MANY_FRAGMENTS < durationOf(cell);
  return { fragment, atMs: isShort ? fragment.startMs[clock] : nearest(middleMs, fragment, clock) };
}

const nearest = (timeMs: number, { startMs, lengthMs }: StoredFragment, clock: Clock): number => Math.min(Math.max(timeMs, startMs[clock]), startMs[clock] + lengthMs);
