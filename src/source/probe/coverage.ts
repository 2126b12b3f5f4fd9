import type { FragmentRef } from "../../core/fragment.js";
import type { StoredFragment } from "../../core/stored-fragment.js";
import type { ClockFacts, CoverageFacts, Stretch } from "./facts.js";
import { deviation, fitLine, mean, pairs, spread, sum } from "./statistics.js";

/** A stretch of footage on the camera's clock. */
interface Footage {
  readonly startMs: number;
  readonly endMs: number;
}

export interface CoverageInput {
  /** undefined where they may not be listed. */
  readonly stored: readonly StoredFragment[] | undefined;
  readonly listed: readonly FragmentRef[];
  /** From one picture to the next, milliseconds; undefined where none was measured. */
  readonly intervalMs: number | undefined;
  /** From when on something is missing if nothing is there, by the service's clock: Unix epoch, milliseconds. */
  readonly sinceMs: number;
}

/** The service calls it a discontinuity when fragments are more than this apart or overlap by more, milliseconds. */
const DISCONTINUITY_MS = 50;
/** How exactly the beginning is known, for it is given on another clock. */
const BORDER_MS = 1000;

/** What is there and what is missing; null where nothing is. */
export function measureCoverage({ stored, listed, intervalMs, sinceMs }: CoverageInput): CoverageFacts | null {
  const footage = stored === undefined ? listed.map(footageListed) : footageStored(stored, intervalMs);
  const ordered = footage.sort((a, b) => a.startMs - b.startMs);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined) return null;
  const fromMs = sinceMs + (stored ? firstSkew(stored) : 0);
  const fragmentMs = spread(ordered.map(({ startMs, endMs }) => endMs - startMs));
  const isKnownSince = stored !== undefined && first.startMs - fromMs > fragmentMs.max + BORDER_MS;
  const from = isKnownSince ? fromMs : Math.max(fromMs, first.startMs);
  const newestEnd = Math.max(...ordered.map(({ endMs }) => endMs));
  // Pictures of a slow camera are further apart than a discontinuity.
  const leastMs = Math.max(DISCONTINUITY_MS, (intervalMs ?? 0) / 2);
  const borders = [...(isKnownSince ? [{ startMs: fromMs, endMs: fromMs }] : []), ...ordered];
  return {
    source: stored === undefined ? "playlist" : "index",
    from,
    to: newestEnd,
    fragments: ordered.filter(({ endMs }) => endMs > from).length,
    fragmentMs,
    gaps: stretches(borders, (end, start) => [Math.max(from, end), start], leastMs),
    overlaps: stretches(ordered, (end, start, endOfNext) => [start, Math.min(end, endOfNext)], leastMs),
    storedBitsPerSecond: stored === undefined ? null : (sum(stored.map(({ bytes }) => bytes)) * 8000) / Math.max(1, sum(ordered.map(({ startMs, endMs }) => endMs - startMs))),
    newestEnd,
  };
}

/** How far the camera's clock was ahead when the first fragment was sent. */
function firstSkew(stored: readonly StoredFragment[]): number {
  const oldest = stored.reduce((first, each) => (each.startMs.server < first.startMs.server ? each : first));
  return oldest.startMs.producer - oldest.startMs.server;
}

const footageListed = ({ startMs, durationMs }: FragmentRef): Footage => ({ startMs, endMs: startMs + durationMs });

/** The index counts to the start of the last picture: how long that is shown is what the pictures before it are, or what is left to the next fragment. */
function footageStored(stored: readonly StoredFragment[], intervalMs: number | undefined): Footage[] {
  const ordered = [...stored].sort((a, b) => a.startMs.producer - b.startMs.producer);
  const rests = pairs(ordered).map(([{ startMs, lengthMs }, next]) => next.startMs.producer - startMs.producer - lengthMs);
  const lastMs = intervalMs ?? (rests.length > 0 ? Math.max(0, spread(rests).median) : 0);
  return ordered.map(({ startMs: { producer }, lengthMs }) => ({ startMs: producer, endMs: producer + lengthMs + lastMs }));
}

function stretches(ordered: readonly Footage[], between: (end: number, start: number, endOfNext: number) => readonly [number, number], leastMs: number): Stretch[] {
  const found: Stretch[] = [];
  let end = ordered[0]?.endMs ?? 0;
  for (const next of ordered.slice(1)) {
    const [from, to] = between(end, next.startMs, next.endMs);
    if (to - from > leastMs) found.push({ from: Math.round(from), to: Math.round(to), lengthMs: Math.round(to - from) });
    end = Math.max(end, next.endMs);
  }
  return found;
}

/** More than the way to the service varies by: somebody set the clock, milliseconds. */
const STEP_MS = 1000;
/** Less footage says nothing of a drift. */
const DRIFT_NEEDS = { fragments: 10, spanMs: 60_000 } as const;
const MILLION = 1e6;

/** The camera's clock against the service's since it was last set; null without fragments. */
export function measureClock(stored: readonly StoredFragment[]): ClockFacts | null {
  const ordered = [...stored].sort((a, b) => (BigInt(a.number) < BigInt(b.number) ? -1 : 1));
  const points = ordered.map(({ startMs: { producer, server } }) => [server, producer - server] as const);
  const steps = pairs(points).map(([[, before], [, after]]) => after - before);
  const lastStep = steps.reduce((found, step, at) => (Math.abs(step) > STEP_MS ? at : found), -1);
  const since = points.slice(lastStep + 1);
  const [first, last] = [since[0], since.at(-1)];
  if (first === undefined || last === undefined) return null;
  const isEnough = since.length >= DRIFT_NEEDS.fragments && last[0] - first[0] >= DRIFT_NEEDS.spanMs;
  const line = isEnough ? fitLine(since) : undefined;
  const skews = since.map(([, skew]) => skew);
  return {
    fragments: since.length,
    skewMs: mean(skews),
    jitterMs: line?.residual ?? deviation(skews),
    driftPpm: line ? line.slope * MILLION : null,
    driftErrorPpm: line ? line.slopeError * MILLION : null,
    stepMs: steps[lastStep] ?? 0,
  };
}
