/** One fragment as a playlist lists it: everything needed to fetch it, to order it and to time it. */
export interface FragmentRef {
  /** Decimal digits, opaque; see {@link compareFragments}. */
  readonly number: string;
  /** PROGRAM-DATE-TIME: Unix epoch, milliseconds, on the clock that the session was asked for. */
  readonly startMs: number;
  /** EXTINF, milliseconds; 0 for a fragment of a single frame. */
  readonly durationMs: number;
}

/** The service takes no longer ones in, milliseconds: what begins so much before a time may reach into it. */
export const LONGEST_FRAGMENT_MS = 20_000;

/**
 * Order of ingest: fragment numbers grow with it, across sessions, so they are compared as whole numbers
 * (47 digits do not fit a JavaScript number). Short numbers were once session indexes, meaningless in the next
 * session, and then only the start time can say the order.
 */
export function compareFragments(a: FragmentRef, b: FragmentRef): number {
  const areGlobal = isGlobal(a.number) && isGlobal(b.number);
  if (!areGlobal) return Math.sign(a.startMs - b.startMs);
  const [x, y] = [BigInt(a.number), BigInt(b.number)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const GLOBAL_DIGITS = 20;
const isGlobal = (number: string): boolean => number.length >= GLOBAL_DIGITS && /^\d+$/.test(number);
