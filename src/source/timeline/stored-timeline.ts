import { KVSConnectionError } from "../../core/errors.js";
import { LONGEST_FRAGMENT_MS } from "../../core/fragment.js";
import type { AccessOptions, PictureOptions } from "../../core/option-types.js";
import { resolveOptions, type SourceOptions } from "../../core/options.js";
import type { StoredFragment } from "../../core/stored-fragment.js";
import { durationOf, NO_GAP, storedTime, type StoredTime } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";
import { KvsApi } from "../../session/api.js";
import { openConnections } from "../../session/connection.js";
import { FragmentIndex, type StoredRange } from "../../session/fragment-index.js";
import { environment } from "../environment.js";
import { nearestStored } from "../nearest-stored.js";

/** What is stored of a stream between two times, on one clock: something at least. */
export interface StoredTimeline extends StoredTime {
  /** Ends with the newest fragment where the next one is still on its way. */
  readonly range: StoredRange;
}

export interface TimelineOptions extends AccessOptions, Pick<PictureOptions, "streamName" | "streamArn" | "clock"> {
  /** From this capture time, Unix epoch milliseconds. Default: a day before `end`. */
  readonly start?: number | undefined;
  /** To before this one, Unix epoch milliseconds. Default: now. */
  readonly end?: number | undefined;
  /** Seconds; what is shorter is no gap. Default: 0.05, what the service itself takes for continuous. */
  readonly minGap?: number | undefined;
  /** Called with how many fragments are known so far, and the share of the range that was looked at, 0 to 1. */
  readonly onProgress?: ((count: number, share: number) => void) | undefined;
}

/**
 * Reads the service's index of what is stored of a stream between two times, of any length; no media.
 *
 * ```ts
 * const { gaps } = await timeline({ streamName: "front-door", region: "eu-west-1", start: Date.now() - 3_600_000 });
 * ```
 * @throws OptionError; KVSConnectionError, NO_MEDIA when nothing is stored there; or the reason of the `signal` option
 */
export function timeline({ minGap = NO_GAP, onProgress, start, end = Date.now(), ...stream }: TimelineOptions): Promise<StoredTimeline> {
  const source = resolveOptions({ ...stream, start: start ?? end - DAY_MS, end });
  const range = { clock: source.clock, fromMs: source.start ?? end, toMs: end };
  return readTimeline({ source, range, minGapMs: minGap * 1000, signal: source.signal ?? new AbortController().signal, ...(onProgress && { onProgress }) });
}

export interface TimelineReading {
  readonly source: SourceOptions;
  readonly range: StoredRange;
  /** Milliseconds; what is shorter is no gap. */
  readonly minGapMs: number;
  readonly signal: AbortSignal;
  /** Told of how many fragments are known so far, and the share of the range that was looked at. */
  readonly onProgress?: (count: number, share: number) => void;
}

const DAY_MS = 86_400_000;
/** From the end of a fragment to its being listed, and some more. */
const ON_ITS_WAY_MS = 10_000;
/** The newest fragments, of which the longest says when the next one is due. */
const FEW = 15;
/** How far around an empty range to look for something. */
const LOOKED_AROUND_MS = 7 * DAY_MS;

/**
 * Reads the service's index of a range of any length; no media.
 * @throws KVSConnectionError, NO_MEDIA when nothing is stored there, or the signal's reason
 */
export async function readTimeline({ source, range, minGapMs, signal, onProgress }: TimelineReading): Promise<StoredTimeline> {
  const connections = await openConnections(environment(), source.timeout * 1000);
  try {
    const index = new FragmentIndex(new KvsApi({ ...source, timeoutMs: source.timeout * 1000, connections }));
    const listed = await listInParts(index, { ...range, fromMs: range.fromMs - LONGEST_FRAGMENT_MS }, signal, onProgress);
    const asked = storedTime(listed, range, minGapMs);
    const [lastStretch] = asked.stretches.slice(-1);
    if (lastStretch === undefined) throw await emptiness(index, range, signal);
    if (!isNextOnItsWay(listed, range)) return { range, ...asked };
    const settled = { ...range, toMs: lastStretch.toMs };
    return { range: settled, ...storedTime(listed, settled, minGapMs) };
  } finally {
    connections.close();
  }
}

async function listInParts(index: FragmentIndex, range: StoredRange, signal: AbortSignal, onProgress?: TimelineReading["onProgress"]): Promise<StoredFragment[]> {
  const { clock, fromMs } = range;
  // Inclusive at both ends, where a range of time is not at its end.
  const toMs = range.toMs - 1;
  let fragments: StoredFragment[] = [];
  for (let at = fromMs; at <= toMs; at += DAY_MS) {
    const tell = (count: number): void => onProgress?.(fragments.length + count, (at - fromMs) / durationOf(range));
    const part = await index.list({ clock, fromMs: at, toMs: Math.min(at + DAY_MS - 1, toMs) }, signal, tell);
    fragments = fragments.concat(part);
  }
  return fragments;
}

/** A range that ends now ends before the fragment that the camera is just sending: that one is not missing. */
function isNextOnItsWay(fragments: readonly StoredFragment[], { clock, toMs }: StoredRange): boolean {
  const newest = fragments.filter(({ startMs }) => startMs[clock] < toMs).at(-1);
  if (newest === undefined) return false;
  const longestMs = Math.max(...fragments.slice(-FEW).map(({ lengthMs }) => lengthMs));
  return Date.now() - newest.startMs.server - newest.lengthMs <= longestMs + ON_ITS_WAY_MS;
}

/** That nothing is stored there, and what is around it. */
async function emptiness(index: FragmentIndex, { fromMs, toMs, clock }: StoredRange, signal: AbortSignal): Promise<KVSConnectionError> {
  const before = (await nearestStored(index, { clock, fromMs, towardsMs: fromMs - LOOKED_AROUND_MS }, signal)).at(-1);
  const after = (await nearestStored(index, { clock, fromMs: toMs, towardsMs: Math.max(toMs, Math.min(Date.now(), toMs + LOOKED_AROUND_MS)) }, signal))[0];
  const around = [before && `the last before it is of ${isoTime(before.startMs[clock])}`, after && `the first after it is of ${isoTime(after.startMs[clock])}`];
  const nothing = "nothing in the seven days around it either; check the times, the clock and that the camera sends";
  return new KVSConnectionError(`nothing is stored from ${isoTime(fromMs)} to ${isoTime(toMs)} (${clock} clock): ${around.filter(Boolean).join(", ") || nothing}`, { code: "NO_MEDIA" });
}
