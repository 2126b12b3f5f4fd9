/** The service allows five playlist requests a second and session; four leave room for the master playlist and init segments. */
const SHORTEST_MS = 250;
const LONGEST_MS = 2000;
/** Fragments are of ten seconds at most by the service's advice, of twenty in practice; a length beyond that is not worth a wait. */
const LONGEST_DUE_MS = 20_000;
/** How long before the next fragment is due to begin asking for it. */
const EARLY_MS = 100;

export interface ReloadState {
  /** When the newest fragment was first seen in the list, milliseconds; undefined while that is not known, as after the first load. */
  readonly newestSeenAt: number | undefined;
  /** Length of the newest fragment, milliseconds. */
  readonly newestDurationMs: number;
  /** Loads since then that brought nothing new. */
  readonly unchangedLoads: number;
}

/**
 * Milliseconds until the playlist is worth loading again. A fragment is listed when its last byte is in, so the next one is due
 * a fragment's length after the last was seen; around that time we ask often, and if it stays away ever less.
 */
export function reloadDelay({ newestSeenAt, newestDurationMs, unchangedLoads }: ReloadState, now: number): number {
  // After the first load the master playlist and the init segment have already had their share of the five.
  if (newestSeenAt === undefined && unchangedLoads < PATIENT_LOADS) return 2 * SHORTEST_MS;
  const untilDue = (newestSeenAt ?? 0) + newestDurationMs - EARLY_MS - now;
  if (untilDue > SHORTEST_MS) return Math.min(untilDue, LONGEST_DUE_MS);
  const patience = SHORTEST_MS * 1.25 ** Math.max(0, unchangedLoads - PATIENT_LOADS);
  return Math.min(patience, LONGEST_MS);
}

/** So many loads without news are nothing unusual: the first was early, and fragments vary in length. */
const PATIENT_LOADS = 8;
