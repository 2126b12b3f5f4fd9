import { durationOf, type TimeSpan } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";
import type { StoredTimeline } from "../../source/timeline/stored-timeline.js";
import { totalsOf } from "./totals.js";

export interface WrittenSheet {
  readonly path: string;
  readonly columns: number;
  readonly rows: number;
  /** Row by row: Unix epoch, milliseconds; undefined where there is no picture. */
  readonly capturedAt: readonly (number | undefined)[];
}

/** The object of --json: all stretches and gaps, however many. */
export function timelineRecord(timeline: StoredTimeline, camera: string, sheet: WrittenSheet | undefined): object {
  const { range, stretches, gaps } = timeline;
  const { oldestMs, newestMs, share, ...totals } = totalsOf(timeline);
  const newest = timeline.fragments.at(-1);
  return {
    type: "timeline",
    schema: 1,
    camera,
    clock: range.clock,
    ...spanFields(range),
    totals: {
      ...totals,
      share: Math.round(share * 1e6) / 1e6,
      stretches: stretches.length,
      gaps: gaps.length,
      oldest: { fragment: timeline.fragments[0]?.number, from: isoTime(oldestMs) },
      newest: { fragment: newest?.number, to: isoTime(newestMs) },
    },
    stretches: stretches.map(({ fromMs, toMs, fragments, bytes }) => ({ ...spanFields({ fromMs, toMs }), fragments, bytes })),
    gaps: gaps.map(spanFields),
    sheet: sheet === undefined ? null : { ...sheet, capturedAt: sheet.capturedAt.map((time) => (time === undefined ? null : isoTime(time))) },
  };
}

const spanFields = (span: TimeSpan): object => ({ from: isoTime(span.fromMs), to: isoTime(span.toMs), durationMs: durationOf(span) });
