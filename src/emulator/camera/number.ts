const PREFIX = "9134385233318";
const TIME_DIGITS = 16;
const INDEX_DIGITS = 18;
const MICROSECONDS = 1000;
/** More fragments than any camera sends; which resend a fragment belongs to is written above them. */
const PER_RESEND = 1e12;

/** Which of a stream's fragments: by its place in the live stream, and what was sent again there. */
export interface FragmentPlace {
  readonly index: number;
  /** From 1; 0: the live fragment itself. */
  readonly resend: number;
}

/**
 * 47 digits that grow with the time of ingest, also from one run of the emulator to the next: server time in
 * microseconds, then the fragment's place.
 */
export function fragmentNumber(serverMs: number, { index, resend }: FragmentPlace): string {
  const time = Math.round(serverMs * MICROSECONDS);
  return PREFIX + String(time).padStart(TIME_DIGITS, "0") + String(resend * PER_RESEND + index).padStart(INDEX_DIGITS, "0");
}

/** The place in a fragment number, which is of this stream only if its number says the same. */
export function fragmentPlace(number: string): FragmentPlace | undefined {
  const digits = number.slice(PREFIX.length + TIME_DIGITS);
  if (!/^\d{18}$/.test(digits)) return undefined;
  return { index: Number(digits) % PER_RESEND, resend: Math.floor(Number(digits) / PER_RESEND) };
}
