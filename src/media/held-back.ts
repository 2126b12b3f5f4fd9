import { findBox, readBoxes, type CodecConfiguration } from "./boxes.js";
import type { InitSegment } from "./init.js";
import { nalUnits, type Coding } from "./nal.js";
import { spsOf } from "./parameter-sets.js";
import type { Sample } from "./samples.js";
import { readReordering } from "./sps.js";

/** More than the standards allow, so not true. */
const MOST = 16;

/**
 * How many pictures a decoder holds back to put them in order, as the init segment has it. Where that says nothing, ffmpeg holds
 * back as many as it has seen out of order.
 */
export function announcedReordering({ bytes, codec }: InitSegment): number | undefined {
  const entry = findBox(readBoxes(bytes, "the init segment"), "stsd")?.entries[0];
  const inside = (entry !== undefined && "boxes" in entry ? entry.boxes : []) as unknown as readonly Partial<CodecConfiguration>[];
  const configuration = inside.find(({ nalLengthBytes }) => nalLengthBytes)?.body;
  try {
    const sps = configuration && spsOf(codec, configuration);
    const reordering = sps && readReordering(codec, sps);
    return reordering === undefined || reordering > MOST ? undefined : reordering;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** How many of the samples, in decoding order, come at most before one that is presented after them. */
export const seenReordering = (samples: readonly Sample[]): number => Math.max(0, ...samples.map(({ index }, position) => position - index));

/** Types of NAL units: with these pictures decoding begins anew, whatever came before, and nothing after them needs that. */
const INSTANTANEOUS: Readonly<Record<Coding["codec"], readonly number[]>> = { h264: [5], h265: [19, 20] };
const NO_OUTPUT_OF_PRIOR = 0x40;

/** Whether a sample can be decoded once more at any time: an IDR picture, and one that does not tell to drop what is held back. */
export function isRepeatable({ data }: Sample, coding: Coding): boolean {
  const slices = [...nalUnits(data, coding)].filter(({ type }) => INSTANTANEOUS[coding.codec].includes(type));
  return slices.length > 0 && (coding.codec === "h264" || slices.every(({ bytes }) => ((bytes[2] ?? 0) & NO_OUTPUT_OF_PRIOR) === 0));
}
