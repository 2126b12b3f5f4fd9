/** The service allows five playlist requests a second and session; four leave room for the master playlist and init segments. */
const LOADS_A_SECOND = 4;
/** A second, and a little more, since timers are not that exact. */
const SECOND_MS = 1010;
/** Cameras, and the way from them to the list, are regular to about this. */
const JITTER_MS = 15;
/** The stretch in which a fragment is due is gone through in steps of about this. */
const STEP_MS = 30;
/** A wider one is gone through with all four loads; else two are kept for a fragment that is late. */
const WIDE_MS = 150;
/** A fragment that is late by less may have been held up alone: the beat is as before. */
const HELD_UP_MS = 1000;
const SHORTEST_MS = 250;
const LONGEST_MS = 2000;
/** Fragments are of ten seconds at most by the service's advice, of twenty in practice; a length beyond that is not worth a wait. */
const LONGEST_DUE_MS = 20_000;
/** Whoever is in no hurry loads so long after a fragment is due, when it is there as good as always. */
const LEISURE_MS = 60;
/** And, since nothing then tells that it comes earlier, assumes that it does by this. */
const CREEP_MS = 2;
/** A beat that is known this well needs no more looking. */
const NARROW_MS = 60;

/** From one time to another: milliseconds of any clock that only goes forward. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When the newest fragment was listed, by what was seen and what was expected; for one that was held up, when it should have been. */
export interface Beat extends Stretch {
  /** How many fragments in a row were there at the first look: they may have been there for longer. */
  readonly atOnce: number;
  /** The last one was held up; when the next one is so too, the camera has another beat. */
  readonly isHeldUp: boolean;
}

export interface ReloadState {
  /** undefined while it is not known, as after the first load. */
  readonly beat: Beat | undefined;
  /** Length of the newest fragment, milliseconds. */
  readonly newestDurationMs: number;
  /** When the list was loaded, the last time last: four of them are enough. */
  readonly loads: readonly number[];
  /** When a load last brought something new. */
  readonly newsAt: number;
  /** One load for a fragment is worth more than to see it soon. */
  readonly isLeisurely?: boolean;
}

/**
 * Milliseconds until the playlist is worth loading again. A fragment is listed when its last byte is in, so the next one is due
 * a fragment's length after the last was listed. When that was, is only known as a stretch between two loads; the next time
 * loads divide that stretch, so that some fragments later it is as narrow as the camera is regular. What does not come in it is
 * asked for ever less.
 */
export function reloadDelay(state: ReloadState, now: number): number {
  const lastAt = state.loads.at(-1) ?? now;
  const wanted = state.beat === undefined ? unknownAfter(lastAt, state) : nextAfter(lastAt, state.beat, state);
  const allowed = (state.loads.at(-LOADS_A_SECOND) ?? -Infinity) + SECOND_MS;
  return Math.min(Math.max(wanted, allowed, now) - now, LONGEST_DUE_MS);
}

/**
 * The beat after one more fragment.
 * @param seen it was listed between these two loads
 * @param durationMs its length
 */
export function nextBeat(beat: Beat | undefined, seen: Stretch, durationMs: number): Beat {
  const anew = { fromMs: Math.max(seen.fromMs, seen.toMs - 2 * SHORTEST_MS), toMs: seen.toMs, atOnce: 0, isHeldUp: false };
  if (beat === undefined) return anew;
  const expected = shifted(beat, durationMs);
  const due = widened(expected, beat.atOnce);
  const [fromMs, toMs] = [Math.max(seen.fromMs, due.fromMs), Math.min(seen.toMs, due.toMs)];
  if (fromMs < toMs) return { fromMs, toMs, atOnce: seen.fromMs <= due.fromMs ? beat.atOnce + 1 : 0, isHeldUp: false };
  const isHeldUp = seen.fromMs >= due.toMs && seen.toMs - due.toMs < HELD_UP_MS;
  return isHeldUp && !beat.isHeldUp ? { ...expected, atOnce: 0, isHeldUp } : anew;
}

/** As {@link nextBeat}, for who loads once a fragment, and thus learns little from it. */
export function leisurelyBeat(beat: Beat | undefined, seen: Stretch, durationMs: number): Beat {
  const expected = beat && shifted(beat, durationMs);
  const isAsExpected = expected !== undefined && isNarrow(expected) && seen.fromMs <= expected.fromMs && seen.toMs >= expected.toMs;
  return isAsExpected ? { ...shifted(expected, -CREEP_MS), atOnce: 0, isHeldUp: false } : nextBeat(beat, seen, durationMs);
}

function nextAfter(lastAt: number, beat: Beat, { newestDurationMs, isLeisurely = false }: ReloadState): number {
  const due = shifted(beat, newestDurationMs);
  if (!isLeisurely || !isNarrow(due)) return dueAfter(lastAt, widened(due, beat.atOnce), isLeisurely);
  const leisurelyAt = due.toMs + LEISURE_MS;
  return lastAt < due.toMs ? leisurelyAt : lastAt + patience(lastAt - due.toMs, LEISURE_MS);
}

const isNarrow = ({ fromMs, toMs }: Stretch): boolean => toMs - fromMs <= NARROW_MS;

const shifted = ({ fromMs, toMs }: Stretch, byMs: number): Stretch => ({ fromMs: fromMs + byMs, toMs: toMs + byMs });

const widened = ({ fromMs, toMs }: Stretch, atOnce: number): Stretch => ({ fromMs: fromMs - Math.min(JITTER_MS * 2 ** Math.max(0, atOnce - 1), SHORTEST_MS), toMs: toMs + JITTER_MS });

function dueAfter(lastAt: number, { fromMs, toMs }: Stretch, isLeisurely: boolean): number {
  const mostSteps = toMs - fromMs > WIDE_MS && !isLeisurely ? LOADS_A_SECOND : LOADS_A_SECOND / 2;
  const steps = Math.min(Math.max(Math.round((toMs - fromMs) / STEP_MS), 1), mostSteps);
  const step = (toMs - fromMs) / steps;
  if (lastAt >= toMs - step / 4) return lastAt + patience(lastAt - toMs, 2 * STEP_MS);
  return fromMs + step * Math.max(1, Math.ceil((lastAt - fromMs) / step + 1 / 4));
}

/** After the first load the master playlist and the init segment have already had their share of the five. */
const unknownAfter = (lastAt: number, { newsAt, newestDurationMs }: ReloadState): number => lastAt + patience(lastAt - newsAt - newestDurationMs, 2 * SHORTEST_MS);

/** How long to wait for what is overdue. */
const patience = (overdueMs: number, leastMs: number): number => Math.min(Math.max(leastMs, Math.min(3 * overdueMs, SHORTEST_MS), overdueMs / 5), LONGEST_MS);
