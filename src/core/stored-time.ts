import type { Clock } from "./frame.js";
import { lastPictures } from "./last-picture.js";
import type { StoredFragment } from "./stored-fragment.js";

/** What the service itself takes for continuous, seconds. */
export const NO_GAP = 0.05;

/** From one time to before another: Unix epoch, milliseconds. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A time without a gap, and what it is made of; fragments that overlap count each. */
export interface StoredStretch extends TimeSpan {
  readonly fragments: number;
  readonly bytes: number;
}

export interface StoredTime {
  /** In order, apart from each other. */
  readonly stretches: readonly StoredStretch[];
  /** All of the range that is in no stretch, in order; what is missing at its ends too. */
  readonly gaps: readonly TimeSpan[];
  /** Those of which something lies in the range, by start. */
  readonly fragments: readonly StoredFragment[];
}

/**
 * What a range of time has and what it lacks.
 * @param fragments by their start on the clock; also those that begin before the range and reach into it
 * @param minGapMs what is shorter is no gap
 */
export function storedTime(fragments: readonly StoredFragment[], range: TimeSpan & { readonly clock: Clock }, minGapMs: number): StoredTime {
  const within = joined(fragments, range.clock, minGapMs).flatMap((stretch) => clipped(stretch, range));
  const edges = [range.fromMs, ...within.flatMap(({ fromMs, toMs }) => [fromMs, toMs]), range.toMs];
  const gaps: TimeSpan[] = [];
  for (let at = 0; at < edges.length; at += 2) {
    const gap = { fromMs: edges[at] ?? 0, toMs: edges[at + 1] ?? 0 };
    const isEdge = at === 0 || at === edges.length - 2;
    if (durationOf(gap) > (isEdge ? minGapMs : 0)) gaps.push(gap);
  }
  return { stretches: within.map(summedUp), gaps, fragments: within.flatMap(({ parts }) => parts.map(({ fragment }) => fragment)) };
}

export const durationOf = ({ fromMs, toMs }: TimeSpan): number => toMs - fromMs;

interface Joined extends TimeSpan {
  readonly parts: readonly (TimeSpan & { readonly fragment: StoredFragment })[];
}

/** Fragments that follow each other, or overlap. */
function joined(fragments: readonly StoredFragment[], clock: Clock, minGapMs: number): Joined[] {
  const pictures = lastPictures(fragments, clock, minGapMs);
  const stretches: { fromMs: number; toMs: number; parts: Joined["parts"][number][] }[] = [];
  let toleranceMs = minGapMs;
  for (const [at, fragment] of fragments.entries()) {
    const picture = pictures[at] ?? { lastsMs: 0, toleranceMs: minGapMs };
    const fromMs = fragment.startMs[clock];
    const part = { fromMs, toMs: Math.round(fromMs + fragment.lengthMs + picture.lastsMs), fragment };
    const last = stretches.at(-1);
    if (last === undefined || fromMs - last.toMs > toleranceMs) stretches.push({ fromMs, toMs: part.toMs, parts: [part] });
    else last.parts.push(part);
    const current = stretches.at(-1);
    if (current === undefined || part.toMs < current.toMs) continue;
    current.toMs = part.toMs;
    toleranceMs = picture.toleranceMs;
  }
  return stretches;
}

function clipped({ fromMs, toMs, parts }: Joined, range: TimeSpan): Joined[] {
  const stretch = { fromMs: Math.max(fromMs, range.fromMs), toMs: Math.min(toMs, range.toMs) };
  return durationOf(stretch) > 0 ? [{ ...stretch, parts: parts.filter((part) => part.fromMs < range.toMs && part.toMs > range.fromMs) }] : [];
}

const summedUp = ({ fromMs, toMs, parts }: Joined): StoredStretch => ({ fromMs, toMs, fragments: parts.length, bytes: parts.reduce((sum, { fragment }) => sum + fragment.bytes, 0) });
