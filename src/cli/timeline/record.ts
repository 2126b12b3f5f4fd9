import { durationOf, type TimeSpan } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";
import type { StoredTimeline } from "../../source/stored-timeline.js";
import { totalsOf } from "./totals.js";

/** The object of --json: all stretches and gaps, however many. */
export function timelineRecord(timeline: StoredTimeline, { camera, sheet }: { camera: string; sheet: string | undefined }): object {
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
    sheet: sheet ?? null,
  };
}

const spanFields = (span: TimeSpan): object => ({ from: isoTime(span.fromMs), to: isoTime(span.toMs), durationMs: durationOf(span) });
