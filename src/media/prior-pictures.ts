import type { NalUnit } from "./nal.js";

const FIRST_IRAP = 16;
const LAST_IRAP = 23;
const NO_OUTPUT_OF_PRIOR = 0x40;

/**
 * Returns a unit that does not tell a decoder to drop the pictures before it that it holds back, as a key frame may:
 * ISO/IEC 23008-2 7.4.7.1, no_output_of_prior_pics_flag.
 */
export function keepingPrior(unit: NalUnit): NalUnit {
  const { type, bytes } = unit;
  if (type < FIRST_IRAP || type > LAST_IRAP || ((bytes[2] ?? 0) & NO_OUTPUT_OF_PRIOR) === 0) return unit;
  const kept = Buffer.from(bytes);
  kept[2] = (kept[2] ?? 0) & ~NO_OUTPUT_OF_PRIOR;
  // Zeros that would now need to be escaped: only the first segment counts.
  return kept[2] === 0 && kept[3] === 0 ? unit : { type, bytes: kept };
}
