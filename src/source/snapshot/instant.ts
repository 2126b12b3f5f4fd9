import { FrameSourceError, KVSConnectionError } from "../../core/errors.js";
import { compareFragments, LONGEST_FRAGMENT_MS } from "../../core/fragment.js";
import type { Frame } from "../../core/frame.js";
import { isoTime } from "../../core/time.js";
import type { ListedFragment } from "../../hls/playlist.js";
import { nearestStored } from "../nearest-stored.js";
import type { Still } from "./stills.js";
import type { Taking } from "./taking.js";

/** The service calls what is less apart continuous, milliseconds. */
const NO_GAP_MS = 50;
/** How long to look for what is stored near an instant of which nothing is: only to tell of it. */
const LOOK_AROUND_MS = 8000;
const DAY_MS = 86_400_000;
/** How far off a camera's clock may be, that what it sent first is still found. */
const CLOCK_IS_OFF_MS = 3_600_000;

/**
 * The picture that was shown at an instant: the last one captured at or before it.
 * @throws KVSConnectionError NO_MEDIA, with the nearest stored times, when nothing is stored of that instant
 */
export async function pictureAt(at: number, taking: Taking): Promise<Frame> {
  const frame = await taking.listings.archived({ fromMs: at - LONGEST_FRAGMENT_MS, toMs: at }, async (listed) => (await lastAt(at, listed, taking))?.decode());
  if (frame !== undefined) return frame;
  const { clock } = taking.options;
  throw new KVSConnectionError(`nothing is stored of ${isoTime(at)} (${clock} clock)${await nearestTimes(at, taking)}`, { code: "NO_MEDIA" });
}

/** Fragments may overlap, so the one that starts last need not hold the picture. */
async function lastAt(at: number, listed: readonly ListedFragment[], { stills }: Taking): Promise<Still | undefined> {
  const covering = listed.filter(({ startMs, durationMs }) => startMs <= at && at < startMs + durationMs + NO_GAP_MS);
  let last: Still | undefined;
  for (const fragment of covering.sort((a, b) => b.startMs - a.startMs || compareFragments(b, a))) {
    if (last !== undefined && fragment.startMs + fragment.durationMs <= last.capturedAt) continue;
    const still = await stills.last(fragment, listed, at);
    if (still !== undefined && (last === undefined || still.capturedAt > last.capturedAt)) last = still;
  }
  return last;
}

/** "; the nearest stored pictures are of … and …": as far as they can be found and the caller may ask. */
async function nearestTimes(at: number, { options: { clock }, links: { archive, index }, signal }: Taking): Promise<string> {
  const now = Date.now();
  const within = AbortSignal.any([signal, AbortSignal.timeout(LOOK_AROUND_MS)]);
  const found: number[] = [];
  try {
    const keptSinceMs = await archive.keptSince(at, within);
    const towardsMs = Math.min(at, Math.max(keptSinceMs, at - DAY_MS));
    const before = await nearestStored(index, { clock, fromMs: at, towardsMs }, within);
    found.push(...before.map(({ startMs, lengthMs }) => startMs[clock] + lengthMs).filter((time) => time <= at).sort((a, b) => a - b).slice(-1));
    const after = await nearestStored(index, { clock, fromMs: Math.min(now, Math.max(at, keptSinceMs - CLOCK_IS_OFF_MS)), towardsMs: now }, within);
    found.push(...after.map(({ startMs }) => startMs[clock]).filter((time) => time > at).slice(0, 1));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FrameSourceError) && !within.aborted) throw error;
  }
  if (found.length === 0) return "";
  return `; the nearest stored ${found.length === 1 ? "picture is" : "pictures are"} of ${found.map(isoTime).join(" and ")}`;
}
