import type { InitSegment } from "./init.js";
import { NAL_RULES, nalUnits, type Coding } from "./nal.js";
import { spsOf } from "./parameter-sets.js";
import type { Sample } from "./samples.js";
import { readReordering } from "./sps.js";

/** More than the standards allow, so not true. */
const MOST = 16;

/**
 * How many pictures a decoder holds back to put them in order, as the init segment has it. Where that says nothing, ffmpeg holds
 * back as many as it has seen out of order.
 */
export function announcedReordering({ codec, configuration }: InitSegment): number | undefined {
  try {
    const sps = spsOf(codec, Buffer.from(configuration, "base64"));
    const pictures = sps && readReordering(codec, sps)?.pictures;
    return pictures === undefined || pictures > MOST ? undefined : pictures;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** How many of the samples, in decoding order, come at most before one that is presented after them. */
export const seenReordering = (samples: readonly Sample[]): number => Math.max(0, ...samples.map(({ index }, position) => position - index));

const NO_OUTPUT_OF_PRIOR = 0x40;

/** Whether a sample can be decoded once more at any time: an IDR picture, and one that does not tell to drop what is held back. */
export function isRepeatable({ data }: Sample, coding: Coding): boolean {
  const slices = [...nalUnits(data, coding)].filter(({ type }) => NAL_RULES[coding.codec].isReset(type));
  return slices.length > 0 && (coding.codec === "h264" || slices.every(({ bytes }) => ((bytes[2] ?? 0) & NO_OUTPUT_OF_PRIOR) === 0));
}
