import { durationOf, type TimeSpan } from "../../core/stored-time.js";
import type { StoredTimeline } from "../../source/timeline/stored-timeline.js";

export interface Totals {
  readonly fragments: number;
  readonly bytes: number;
  readonly coveredMs: number;
  /** Of the range, 0 to 1. */
  readonly share: number;
  readonly longestGapMs: number;
  /** Where the stored media begins in the range, and where it ends: Unix epoch, milliseconds. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

export function totalsOf({ range, fragments, stretches, gaps }: StoredTimeline): Totals {
  const coveredMs = sum(stretches.map(durationOf));
  return {
    fragments: fragments.length,
    bytes: sum(fragments.map(({ bytes }) => bytes)),
    coveredMs,
    share: coveredMs / durationOf(range),
    longestGapMs: longestFirst(gaps).map(durationOf)[0] ?? 0,
    oldestMs: stretches[0]?.fromMs ?? range.fromMs,
    newestMs: stretches.at(-1)?.toMs ?? range.toMs,
  };
}

export const longestFirst = (gaps: readonly TimeSpan[]): TimeSpan[] => [...gaps].sort((a, b) => durationOf(b) - durationOf(a));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
