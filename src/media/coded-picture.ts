import { malformed } from "./boxes.js";
import { NAL_RULES, nalUnits, type Coding, type NalUnit } from "./nal.js";
import type { Sample } from "./samples.js";

const FORBIDDEN_BIT = 0x80;
const LAYER_BITS = 0x1_f8;
const TEMPORAL_BITS = 0x07;

/**
 * Sees from their headers whether samples can be coded pictures: NAL units that fill them, and in these a picture from its
 * start on. ffmpeg does not notice a stretch that was overwritten (docs/corruption.md); this does where the stretch goes over
 * the border of a NAL unit.
 * @throws HLSStreamError MALFORMED_MEDIA
 */
export function checkPictures(samples: readonly Pick<Sample, "data">[], coding: Coding): void {
  for (const [place, { data }] of samples.entries()) {
    const fault = faultOf(data, coding);
    if (fault !== undefined) throw malformed("a fragment", `sample ${place + 1} of ${samples.length} holds ${fault}`);
  }
}

/** @returns undefined when there is none */
function faultOf(data: Buffer, coding: Coding): string | undefined {
  const { headerBytes, isSlice } = NAL_RULES[coding.codec];
  let isBegun = false;
  for (const unit of nalUnits(data, coding)) {
    const { at, announced, bytes, type } = unit;
    if (announced > bytes.length) return `a NAL unit at ${at} that does not fit its ${data.length} bytes`;
    if (announced < headerBytes) return `a NAL unit of ${announced} bytes at ${at}, wanted ${headerBytes} at least`;
    const fault = headerFault(unit, coding) ?? (isSlice(type) && !isBegun ? FIRST_SLICE_FAULTS[coding.codec](bytes) : undefined);
    if (fault !== undefined) return `a NAL unit at ${at} ${fault}`;
    isBegun ||= isSlice(type);
  }
  return isBegun ? undefined : "no slice of a picture";
}

function headerFault({ bytes, type }: NalUnit, { codec }: Coding): string | undefined {
  const { isKnown, standard } = NAL_RULES[codec];
  const [first = 0, second = 0] = bytes;
  if (first & FORBIDDEN_BIT) return "whose forbidden bit is set";
  if (!isKnown(type)) return `of type ${type}, which ${standard} does not have`;
  return codec === "h265" && (second & TEMPORAL_BITS) === 0 ? "whose temporal id is 0, wanted 1 at least" : undefined;
}

/** What is wrong with a slice, header first, as the first of its picture. */
const FIRST_SLICE_FAULTS: Readonly<Record<Coding["codec"], (bytes: Buffer) => string | undefined>> = {
  h264: ([, head = 0]) => {
    // first_mb_in_slice as ue(v): 0 is the bit 1. Then slice_type: 1 is 0, 01x and 001xx are 1 to 6, 0001000 to 0001010 are 7 to 9.
    const type = head & 0x7f;
    if (head < 0x80) return "that begins its picture elsewhere than at its first macroblock";
    return type >= 0x10 || (type >= 0x08 && type <= 0x0a) ? undefined : "that is a slice of no type from 0 to 9";
  },
  h265: ([first = 0, second = 0, head = 0]) => {
    if (((first << 8) | second) & LAYER_BITS) return "that begins its picture in another layer than the first";
    return head < 0x80 ? "that begins its picture with another segment than the first" : undefined;
  },
};
