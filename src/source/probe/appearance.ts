import { setTimeout as sleep } from "node:timers/promises";
import type { FragmentRef } from "../../core/fragment.js";
import type { ClockFacts, LatencyFacts } from "./facts.js";
import type { Listing, ListingOptions } from "./listing.js";

/** A fragment, and when it was first seen in the list: Unix epoch, milliseconds. */
export interface Appearance {
  readonly fragment: FragmentRef;
  readonly seenAt: number;
  /** It was not there a moment before. */
  readonly isExact: boolean;
}

/** The service allows five requests a second; the first list has taken one of them. */
const LOOKS_APART_MS = 250;
/** Cameras are late by this much now and then. */
const LATE_MS = 1500;
/** A probe is a matter of seconds: of longer fragments only the most that their way can take is known. */
const LONGEST_WATCH_MS = 6000;

/** Watches the live list until a fragment appears, as long as one is about to. */
export async function watchForNext({ session, mode, fragments, at }: Listing, { reader, calls, signal }: ListingOptions): Promise<Appearance | undefined> {
  const newest = fragments.at(-1);
  if (newest === undefined || mode !== "live") return undefined;
  const until = at + Math.min(newest.durationMs + LATE_MS, LONGEST_WATCH_MS);
  while (Date.now() < until) {
    await sleep(LOOKS_APART_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const playlist = await calls.time("GetHLSMediaPlaylist", () => reader.playlist(session, signal));
    if (playlist === undefined) break;
    const next = playlist.fragments.at(-1);
    if (next !== undefined && next.number !== newest.number) return { fragment: next, seenAt: Date.now(), isExact: true };
  }
  return { fragment: newest, seenAt: at, isExact: false };
}

/** What takes longer on its way is told as a clock that is off: nobody here can tell them apart. Milliseconds. */
const LONGEST_WAY_MS = 10_000;

/** Where the time goes between the camera's last picture of a fragment and us. */
export function measureLatency({ fragment, seenAt, isExact }: Appearance, clock: ClockFacts | null): LatencyFacts {
  const sinceEndMs = seenAt - fragment.startMs - fragment.durationMs;
  // The next fragment may be about to appear.
  const atLeast = (totalMs: number): number => (isExact ? totalMs : Math.max(0, totalMs - fragment.durationMs));
  if (clock === null) return { isExact, cameraToServiceMs: null, serviceToUsMs: null, totalMs: sinceEndMs, atLeastMs: atLeast(sinceEndMs) };
  const wayMs = -clock.skewMs;
  const isPlausible = wayMs >= 0 && wayMs <= LONGEST_WAY_MS;
  const serviceToUsMs = sinceEndMs - wayMs;
  const totalMs = isPlausible ? sinceEndMs : serviceToUsMs;
  return { isExact, cameraToServiceMs: isPlausible ? wayMs : null, serviceToUsMs, totalMs, atLeastMs: atLeast(totalMs) };
}
