import { NAL_RULES, nalUnits, type Coding } from "./nal.js";

/** What its first slice says of a coded picture. */
export interface PictureKind {
  /** Nothing from here on leans on what came before. */
  readonly isReset: boolean;
  /** No other picture leans on it, or for H.265 none of its temporal layer. */
  readonly isDisposable: boolean;
  /** It leans on what came before the key picture that it follows (RASL of H.265). */
  readonly isSkippedLeading: boolean;
  /** Temporal layer, from 0. */
  readonly layer: number;
}

const NO_REFERENCE = 0;
/** ISO/IEC 23008-2 table 7-1: below 16, the even types. */
const FIRST_KEY = 16;
const RASL = [8, 9];

export function kindOf(data: Buffer, coding: Coding): PictureKind {
  const { isSlice, isReset } = NAL_RULES[coding.codec];
  for (const { bytes, type } of nalUnits(data, coding)) {
    if (!isSlice(type)) continue;
    const [first = 0, second = 0] = bytes;
    const isH264 = coding.codec === "h264";
    return {
      isReset: isReset(type),
      isDisposable: isH264 ? ((first >> 5) & 3) === NO_REFERENCE : type < FIRST_KEY && type % 2 === 0,
      isSkippedLeading: !isH264 && RASL.includes(type),
      layer: isH264 ? 0 : (second & 7) - 1,
    };
  }
  return { isReset: false, isDisposable: false, isSkippedLeading: false, layer: 0 };
}
