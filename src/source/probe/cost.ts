import type { CostFacts, CostLine, PictureFacts, QuotaFacts } from "./facts.js";

/**
 * US dollars for a gigabyte (10^9 bytes) consumed by HLS: the list price of us-east-1, from copies of AWS's pricing examples
 * (November 2026). Not confirmed; traffic out of AWS comes on top.
 */
export const DEFAULT_PRICE_PER_GB = 0.0119;
const DAY_SECONDS = 86_400;
const GB = 1e9;

/** What a day of reading costs; `fragmentMs` is a fragment's length in the middle. */
export function costOf({ bitsPerSecond, fragmentBytes, keyBytes }: PictureFacts, fragmentMs: number, pricePerGb: number): CostFacts {
  const line = (bytesPerDay: number): CostLine => ({ bytesPerDay, pricePerDay: (bytesPerDay / GB) * pricePerGb });
  const full = (bitsPerSecond / 8) * DAY_SECONDS;
  const fragments = (DAY_SECONDS * 1000) / Math.max(1, fragmentMs);
  return {
    pricePerGb,
    everyFrame: line(full),
    keyFrames: line(Math.min(full, keyBytes * fragments)),
    // Fragments that hold no tick are not fetched.
    oneAMinute: line(Math.min(full, fragmentBytes * (DAY_SECONDS / 60))),
  };
}

const FRAGMENT_LIMIT = 10;
const PLAYLIST_LIMIT = 5;
/** Looks at the list for each fragment, and the most a second: the rhythm of `pull`. */
const LOOKS_PER_FRAGMENT = 2;
const MOST_LOOKS = 4;

export function quotaOf(fragmentMs: number): QuotaFacts {
  const fragmentsPerSecond = 1000 / Math.max(1, fragmentMs);
  return {
    fragmentsPerSecond,
    fragmentLimit: FRAGMENT_LIMIT,
    playlistsPerSecond: Math.min(MOST_LOOKS, LOOKS_PER_FRAGMENT * fragmentsPerSecond),
    playlistLimit: PLAYLIST_LIMIT,
    catchUp: FRAGMENT_LIMIT / fragmentsPerSecond,
  };
}
