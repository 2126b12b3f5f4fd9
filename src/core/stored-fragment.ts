import type { Clock } from "./frame.js";

/** A fragment that the service keeps, as its index of fragments has it: on both clocks, and without its media. */
export interface StoredFragment {
  /** Decimal digits, opaque. */
  readonly number: string;
  /** Of its media, sound and all. */
  readonly bytes: number;
  /** Time of its first picture, on each clock: Unix epoch, milliseconds. */
  readonly startMs: Readonly<Record<Clock, number>>;
  /** From the start of its first picture to the start of its last, milliseconds; 0 for a single picture. */
  readonly lengthMs: number;
}
