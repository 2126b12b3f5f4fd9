import { HLSStreamError, KVSConnectionError, type FrameSourceError } from "../../core/errors.js";
import { LONGEST_FRAGMENT_MS } from "../../core/fragment.js";
import type { Frame } from "../../core/frame.js";
import { isFailure } from "../../decoder/run.js";
import { isExpiry } from "../../hls/fetcher.js";
import type { ListedFragment } from "../../hls/playlist.js";
import { nearestStored } from "../nearest-stored.js";
import type { Still } from "./stills.js";
import type { Taking } from "./taking.js";

/** How far to look where the retention may not be asked for. */
const DAY_MS = 86_400_000;

/**
 * The last picture of the newest fragment listed; of the one before where that is damaged or cannot be had, and so on.
 * @param check throws when a picture will not do, before it is decoded
 * @throws the last fragment's error when none can be had; NO_MEDIA when none is listed
 */
export async function newestOf(listed: readonly ListedFragment[], { stills, emit }: Taking, check?: (still: Still) => void): Promise<Frame> {
  let failure: FrameSourceError = new KVSConnectionError("the stream lists no fragment", { code: "NO_MEDIA", retryable: true });
  for (const fragment of [...listed].reverse()) {
    try {
      const still = await stills.last(fragment, listed);
      if (still === undefined) continue;
      check?.(still);
      return await still.decode();
    } catch (error) {
      if (!isFragmentsOwn(error)) throw error;
      emit({ type: "readError", error });
      failure = error;
    }
  }
  throw failure;
}

/** The last picture that the service has stored, by its own clock: a camera's may be anything. */
export async function lastStored(taking: Taking): Promise<Frame> {
  const { options: { clock }, links: { archive, index }, listings, signal } = taking;
  const now = Date.now();
  const keptSinceMs = await archive.keptSince(0, signal);
  const towardsMs = keptSinceMs === -Infinity ? now - DAY_MS : keptSinceMs;
  const newest = (await nearestStored(index, { clock: "server", fromMs: now, towardsMs }, signal)).at(-1);
  if (newest === undefined) throw new KVSConnectionError("the stream has no media: its camera sends nothing, and nothing is stored", { code: "NO_MEDIA", retryable: true });
  const toMs = newest.startMs[clock];
  // So far back are those that could stand in for a damaged one.
  return listings.archived({ fromMs: toMs - LONGEST_FRAGMENT_MS, toMs }, (fragments) => newestOf(fragments, taking));
}

/** Whether another fragment may do better. */
function isFragmentsOwn(error: unknown): error is FrameSourceError {
  return isFailure(error) || (error instanceof HLSStreamError && !isExpiry(error) && error.code !== "UNSUPPORTED_MEDIA");
}
