import { beginsPicture, type AccessUnit } from "./access-unit.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";

/** A sample that is damaged. */
export interface FaultySample {
  readonly index: number;
  /** How many pictures precede it in decoding order. */
  readonly position: number;
  /** As the end of a sentence about the sample. */
  readonly fault: string;
  /** No other picture references its picture, so that it costs no other. */
  readonly isDisposable: boolean;
}

/** nal_ref_idc */
const REFERENCE_BITS = 0x60;
/** A slice of a picture that is no IDR picture, which others always may reference: H.264. */
const SLICE = 1;

/** What is left of a damaged sample shows whether others reference its picture; of H.265 only the layers of a whole fragment would. */
export function isDisposable({ units, cut }: AccessUnit, codec: InitSegment["codec"]): boolean {
  const isCutSlice = cut !== undefined && beginsPicture(cut, codec);
  const slice = [...units, ...(isCutSlice ? [cut] : [])].find(({ type }) => NAL_RULES[codec].isSlice(type));
  return codec === "h264" && slice?.type === SLICE && ((slice.bytes[0] ?? 0) & REFERENCE_BITS) === 0;
}
