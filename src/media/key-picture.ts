import { NAL_RULES, nalUnits, type Coding } from "./nal.js";
import type { Sample } from "./samples.js";

/**
 * Whether decoding can begin with a sample: its flags say so, or what it holds (IDR of H.264, the IRAP pictures of H.265), for
 * not every muxer sets the flags.
 */
export function isKeyPicture({ sync, data }: Sample, coding: Coding): boolean {
  if (sync) return true;
  for (const { type } of nalUnits(data, coding)) if (NAL_RULES[coding.codec].isKey(type)) return true;
  return false;
}
