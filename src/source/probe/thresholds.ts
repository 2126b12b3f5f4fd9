import type { ProbeFacts } from "./facts.js";
import type { Finding } from "./findings.js";
import { readable } from "./words.js";

/** What a stream must keep to; lengths in milliseconds. */
export interface Thresholds {
  readonly maxLatencyMs?: number | undefined;
  readonly minFps?: number | undefined;
  readonly maxGapMs?: number | undefined;
}

/** The thresholds that are broken. A figure that is not known breaks its own: silence must not pass for health. */
export function brokenThresholds({ latency, pictures, coverage }: ProbeFacts, { maxLatencyMs, minFps, maxGapMs }: Thresholds): Finding[] {
  const longestMs = coverage && Math.max(0, ...coverage.gaps.map(({ lengthMs }) => lengthMs));
  return [
    ...check("max-latency", "latency", latency?.atLeastMs, maxLatencyMs, (seen, limit) => seen <= limit, readable),
    ...check("min-fps", "frame rate", pictures?.fps, minFps, (seen, limit) => seen >= limit, (fps) => `${Number(fps.toFixed(2))} fps`),
    ...check("max-gap", "longest gap", longestMs, maxGapMs, (seen, limit) => seen <= limit, readable),
  ];
}

function check(id: string, what: string, seen: number | null | undefined, limit: number | undefined, isKept: (seen: number, limit: number) => boolean, show: (value: number) => string): Finding[] {
  const isKnown = typeof seen === "number";
  if (limit === undefined || (isKnown && isKept(seen, limit))) return [];
  const text = isKnown ? `the ${what} is ${show(seen)}, wanted ${show(limit)}` : `the ${what} could not be measured, wanted ${show(limit)}`;
  return [{ id, level: "problem", text: `${text} (--${id})`, advice: "see the other findings for the reason" }];
}
