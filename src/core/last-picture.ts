import type { Clock } from "./frame.js";
import type { StoredFragment } from "./stored-fragment.js";

/** How long a fragment's last picture lasts, which the service's index leaves out. Milliseconds. */
export interface LastPicture {
  readonly lastsMs: number;
  /** What may come after it, beyond that, without being a gap. */
  readonly toleranceMs: number;
}

/** On either side of a fragment: a median of so many is steady, also at a variable rate. */
const NEIGHBOURS = 15;
/** The service takes no longer fragments. */
const LONGEST_PICTURE_MS = 20_000;
/** Whole milliseconds, and a clock that is read over a network. */
const ROUNDING_MS = 50;
/** Of a camera whose fragments all stand alone: 25 a second is as good a guess as any. */
const UNKNOWN_MS = 40;
/** From the median to the upper quartile, and as far again three times: no picture of an even spread lasts longer. */
const SPREADS = 4;

interface Pause {
  readonly at: number;
  readonly ms: number;
}

interface Usual {
  readonly medianMs: number;
  readonly toleranceMs: number;
}

/**
 * From the start of its last picture to the next fragment is how long that picture lasts, unless something is missing in between. So
 * its neighbours tell: those before it and those after it apart, because the frame rate may change right here.
 * @param fragments by their start on the clock
 * @param minGapMs what is shorter is no gap
 */
export function lastPictures(fragments: readonly StoredFragment[], clock: Clock, minGapMs: number): LastPicture[] {
  const pauses = fragments.map(({ startMs, lengthMs }, at): Pause => ({ at, ms: (fragments[at + 1]?.startMs[clock] ?? Number.NaN) - startMs[clock] - lengthMs }));
  const usual = pauses.filter(({ at, ms }) => isPicture(ms, fragments[at]?.lengthMs ?? 0));
  let before = 0;
  return pauses.map(({ at, ms }): LastPicture => {
    while ((usual[before]?.at ?? Infinity) < at) before++;
    const after = usual[before]?.at === at ? before + 1 : before;
    const sides = [usual.slice(Math.max(0, before - NEIGHBOURS), before), usual.slice(after, after + NEIGHBOURS)].flatMap((side) => usualOf(side, minGapMs));
    const fitting = sides.find(({ medianMs, toleranceMs }) => ms > 0 && Math.abs(ms - medianMs) <= toleranceMs);
    const { medianMs, toleranceMs } = fitting ?? sides[0] ?? { medianMs: UNKNOWN_MS, toleranceMs: minGapMs };
    return { lastsMs: medianMs, toleranceMs };
  });
}

/** No picture lasts longer than all before it in its fragment together, where there are any. */
const isPicture = (pauseMs: number, lengthMs: number): boolean => pauseMs > 0 && pauseMs <= (lengthMs === 0 ? LONGEST_PICTURE_MS : lengthMs + ROUNDING_MS);

function usualOf(pauses: readonly Pause[], minGapMs: number): Usual[] {
  if (pauses.length === 0) return [];
  const sorted = pauses.map(({ ms }) => ms).sort((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const medianMs = quantile(0.5);
  return [{ medianMs, toleranceMs: Math.max(minGapMs, SPREADS * (quantile(0.75) - medianMs)) }];
}
