import type { InitFacts } from "./init.js";
import type { SampleTables } from "./samples.js";

/** A fragment with what is known of its time. */
export interface Timed {
  readonly init: InitFacts;
  /** Which init segment. */
  readonly part: number;
  readonly tables: SampleTables | undefined;
  /** EXTINF of the folder's playlist. */
  readonly durationMs?: number | undefined;
  /** EXT-X-PROGRAM-DATE-TIME of the folder's playlist. */
  readonly dateMs?: number | undefined;
}

/** Milliseconds. */
export interface Pace {
  /** What EXTINF says. */
  readonly duration: number;
  /** From the fragment's start to that of the next. */
  readonly advance: number;
}

/** Where nothing tells a fragment's duration. */
const UNTOLD_MS = 2000;
/** Tables that claim more are as wrong as those that claim nothing. */
const LONGEST_MS = 3_600_000;
/** From one date in a playlist to the next, longer ones are another recording. */
const LONGEST_GAP_MS = 86_400_000;
/** Time must go on even over fragments without duration. */
const SHORTEST_MS = 1;
const ONE_FRAME_MS = 40;

/** Tells how long a fragment lasts and when the next begins. */
export function paceOf(fragment: Timed, next: Timed | undefined): Pace {
  const duration = fragment.durationMs ?? durationByTables(fragment, next);
  const byDates = (next?.dateMs ?? NaN) - (fragment.dateMs ?? NaN);
  if (byDates >= SHORTEST_MS && byDates <= LONGEST_GAP_MS) return { duration, advance: byDates };
  return { duration, advance: duration >= SHORTEST_MS ? duration : ONE_FRAME_MS };
}

/** Milliseconds of ticks, if the tables and their timescale are to be believed. */
export function tableMs({ init, tables }: Timed): number | undefined {
  if (tables === undefined || init.timescale === undefined) return undefined;
  const ms = (tables.duration * 1000) / init.timescale;
  return ms <= LONGEST_MS ? ms : undefined;
}

function durationByTables(fragment: Timed, next: Timed | undefined): number {
  const ms = tableMs(fragment);
  return ms === 0 ? gapTo(next, fragment) : (ms ?? UNTOLD_MS);
}

/** From one decode time to the next, or 0 where they cannot be compared or do not grow. */
function gapTo(next: Timed | undefined, { init, part, tables }: Timed): number {
  const [from, to] = [tables?.decodeTime, next?.tables?.decodeTime];
  if (next?.part !== part || from === undefined || to === undefined) return 0;
  const ms = (Number(to - from) * 1000) / (init.timescale ?? Infinity);
  return ms > 0 && ms <= LONGEST_MS ? ms : 0;
}
