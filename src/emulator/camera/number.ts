const PREFIX = "9134385233318";
const TIME_DIGITS = 16;
const INDEX_DIGITS = 18;
const MICROSECONDS = 1000;

/**
 * 47 digits that grow with the time of ingest, also from one run of the emulator to the next: server time in
 * microseconds, then the fragment's index, which it shares with what is sent again after it.
 */
export function fragmentNumber(serverMs: number, index: number): string {
  const time = Math.round(serverMs * MICROSECONDS);
  return PREFIX + String(time).padStart(TIME_DIGITS, "0") + String(index).padStart(INDEX_DIGITS, "0");
}

/** The index in a fragment number, which is of this stream only if its number says the same. */
export function fragmentIndex(number: string): number | undefined {
  const digits = number.slice(PREFIX.length + TIME_DIGITS);
  return /^\d{18}$/.test(digits) ? Number(digits) : undefined;
}
