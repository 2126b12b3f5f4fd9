import type { BitReader } from "./bits.js";

/** How the colours of a picture are to be understood, in the words of ffmpeg; undefined where the stream does not say. */
export interface Colour {
  readonly matrix: string | undefined;
  readonly primaries: string | undefined;
  readonly transfer: string | undefined;
  /** tv: 16 to 235; pc: 0 to 255. */
  readonly range: "tv" | "pc" | undefined;
}

/** Width of a pixel by its height. */
export interface PixelAspect {
  readonly width: number;
  readonly height: number;
}

export interface Vui {
  readonly pixelAspect: PixelAspect | undefined;
  readonly colour: Colour | undefined;
}

/** ISO/IEC 23091-2, tables 2 to 4; 2 is "unspecified". */
const MATRICES: Readonly<Record<number, string>> = { 0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc", 10: "bt2020c" };
const PRIMARIES: Readonly<Record<number, string>> = {
  1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428", 11: "smpte431", 12: "smpte432",
};
const TRANSFERS: Readonly<Record<number, string>> = {
  1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 11: "iec61966-2-4", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12",
  16: "smpte2084", 18: "arib-std-b67",
};

/** ISO/IEC 14496-10 table E-1, from 1 on. */
const ASPECTS: readonly (readonly [number, number])[] = [
  [1, 1], [12, 11], [10, 11], [16, 11], [40, 33], [24, 11], [20, 11], [32, 11], [80, 33], [18, 11], [15, 11], [64, 33], [160, 99], [4, 3], [3, 2], [2, 1],
];
const EXTENDED_ASPECT = 255;

export const colourOf = (primaries: number, transfer: number, matrix: number, isFull: boolean | undefined): Colour => ({
  matrix: MATRICES[matrix],
  primaries: PRIMARIES[primaries],
  transfer: TRANSFERS[transfer],
  range: isFull === undefined ? undefined : isFull ? "pc" : "tv",
});

/** The beginning of the video usability information, which H.264 and H.265 have in common. */
export function readVui(bits: BitReader): Vui {
  const pixelAspect = bits.flag() ? readAspect(bits) : undefined;
  if (bits.flag()) bits.skip(1); // overscan
  return { pixelAspect, colour: bits.flag() ? readColour(bits) : undefined };
}

function readAspect(bits: BitReader): PixelAspect | undefined {
  const code = bits.bits(8);
  const [width, height] = code === EXTENDED_ASPECT ? [bits.bits(16), bits.bits(16)] : (ASPECTS[code - 1] ?? [0, 0]);
  return width > 0 && height > 0 ? { width, height } : undefined;
}

const UNSPECIFIED = 2;

function readColour(bits: BitReader): Colour {
  bits.skip(3); // video_format
  const isFull = bits.flag();
  const [primaries, transfer, matrix] = bits.flag() ? [bits.bits(8), bits.bits(8), bits.bits(8)] : [UNSPECIFIED, UNSPECIFIED, UNSPECIFIED];
  return colourOf(primaries, transfer, matrix, isFull);
}

/** Skips the rest of it in H.264, up to bitstream_restriction_flag: ISO/IEC 14496-10 E.1.1. */
export function skipToRestriction(bits: BitReader): void {
  if (bits.flag()) bits.skipNumbers(2); // chroma locations
  if (bits.flag()) bits.skip(65); // timing
  const hasNal = skipBuffering(bits);
  const hasVcl = skipBuffering(bits);
  if (hasNal || hasVcl) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
}

const MOST_BUFFERS = 32;

/** hrd_parameters() */
function skipBuffering(bits: BitReader): boolean {
  const isPresent = bits.flag();
  if (!isPresent) return false;
  const buffers = bits.unsigned() + 1;
  if (buffers > MOST_BUFFERS) throw new RangeError(`${buffers} coded picture buffers, wanted ${MOST_BUFFERS} at most`);
  bits.skip(8); // scales
  for (let buffer = 0; buffer < buffers; buffer++) {
    bits.skipNumbers(2);
    bits.skip(1);
  }
  bits.skip(20); // lengths of delays
  return true;
}
