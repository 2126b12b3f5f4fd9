import type { Sample } from "../../media/samples.js";
import type { PictureFacts } from "./facts.js";
import { deviation, mean, pairs, spread, sum } from "./statistics.js";

/** A fragment as it was fetched, all with the same init segment, oldest first. */
export interface MeasuredFragment {
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  /** Those that hold a picture, in order of decoding; `sync`: decoding can begin there, whatever the container says. */
  readonly samples: readonly Sample[];
}


/** Cameras are steady to a millisecond or so; what varies by a tenth of the interval does it on purpose, or for want of light. */
const STEADY = 0.1;
/** The service calls more a discontinuity, milliseconds. */
const DISCONTINUITY_MS = 50;

/** Measures pictures by the sample tables of some fragments; null without any picture. */
export function measurePictures(fragments: readonly MeasuredFragment[], rest: Pick<PictureFacts, "hasInitChange" | "oddities">): PictureFacts | null {
  const [first, last] = [fragments[0], fragments.at(-1)];
  if (first === undefined || last === undefined) return null;
  const counts = fragments.map(({ samples }) => samples.length);
  const intervals = fragments.flatMap(({ samples }) => pairs(samples.map(({ ptsMs }) => ptsMs).sort((a, b) => a - b)).map(([a, b]) => b - a));
  // A fragment of a single picture has no interval inside, and the service may give it no length.
  const known = intervals.length > 0 ? intervals : pairs(fragments).map(([a, b]) => b.startMs - a.startMs);
  const totalMs = sum(fragments.map(({ durationMs }) => durationMs)) || mean(known) * sum(counts) || 0;
  const keys = keyTimes(fragments);
  const depth = Math.max(...fragments.flatMap(({ samples }) => samples.map(({ index }, position) => position - index)), 0);
  return {
    fragments: fragments.length,
    pictures: sum(counts),
    from: first.startMs,
    to: last.startMs + last.durationMs,
    fps: totalMs > 0 ? (sum(counts) * 1000) / totalMs : 0,
    intervalMs: known.length > 0 ? spread(known) : { min: 0, median: 0, max: 0 },
    intervalJitterMs: known.length > 0 ? deviation(known) : 0,
    isVariableRate: deviation(known) > STEADY * mean(known),
    keyIntervalMs: keys.length > 0 ? spread(keys) : null,
    isReordered: depth > 0,
    reorderDepth: depth,
    fragmentsWithoutKeyFirst: fragments.filter(({ samples: [sample] }) => sample !== undefined && !sample.sync).length,
    bitsPerSecond: totalMs > 0 ? (sum(fragments.map(({ bytes }) => bytes)) * 8000) / totalMs : 0,
    keyBytes: mean(fragments.map((fragment) => keyBytes(fragment))),
    fragmentBytes: mean(fragments.map(({ bytes }) => bytes)),
    ...rest,
  };
}

/** Times between key frames, over the borders of fragments where nothing is missing between them. */
function keyTimes(fragments: readonly MeasuredFragment[]): number[] {
  const intervals: number[] = [];
  let lastKey: number | undefined;
  let endMs = -Infinity;
  for (const { startMs, durationMs, samples } of fragments) {
    if (Math.abs(startMs - endMs) > DISCONTINUITY_MS) lastKey = undefined;
    for (const sample of samples.filter(({ sync }) => sync)) {
      const at = startMs + sample.ptsMs;
      if (lastKey !== undefined) intervals.push(at - lastKey);
      lastKey = at;
    }
    endMs = startMs + durationMs;
  }
  return intervals;
}

/** What comes before the samples, and these up to the first key frame. */
function keyBytes({ bytes, samples }: MeasuredFragment): number {
  const key = samples.findIndex(({ sync }) => sync);
  const after = samples.slice(key < 0 ? samples.length : key + 1);
  return bytes - sum(after.map(({ data }) => data.length));
}
