import { BitReader } from "./bits.js";
import type { PictureParameters } from "./pps.js";
import { readSetOfSlice } from "./reference-sets.js";
import type { SequenceParameters } from "./sps.js";

/** What the header of a picture's first slice says. */
export interface SliceHeader {
  /** Every block of the slice is coded without a reference. */
  readonly isIntra: boolean;
  /** One field of a frame, and which; both together are one picture. */
  readonly field: "top" | "bottom" | undefined;
  /** H.264. */
  readonly frameNum: number;
  readonly orderLsb: number;
  /** Differences of the picture order count that the slice itself gives: H.264. */
  readonly orderDeltas: readonly [number, number];
  /** It empties the buffer of references, and counts picture order from itself on: memory management operation 5 of H.264. */
  readonly resetsOrder: boolean;
  /** false: it is decoded and never shown, pic_output_flag of H.265. */
  readonly isShown: boolean;
  /** Differences of its picture order count to those of the pictures that it references, but for long-term ones: H.265. undefined: not known. */
  readonly references?: readonly number[];
}

/** Slice headers are no longer, with all modifications of their lists. */
const HEADER_BYTES = 512;
const B = 1;
const I = 2;
const SI = 4;
const KINDS = 5;

/** ISO/IEC 14496-10 7.4.3: P, B, I, SP, SI, and the same again where all slices of the picture are alike. */
const isIntraType = (type: number): boolean => type % KINDS === I || type % KINDS === SI;

/** Returns whether a slice of H.264 is coded without a reference; @throws RangeError when it ends too early */
export function isIntraSlice(nal: Buffer): boolean {
  const bits = new BitReader(nal.subarray(1, 17));
  bits.unsigned(); // first_mb_in_slice
  return isIntraType(bits.unsigned());
}

/** Returns the id of the picture parameter set that a slice goes by; @throws RangeError when it ends too early */
export function pictureParametersOf(codec: "h264" | "h265", nal: Buffer, type: number): number {
  const bits = new BitReader(nal.subarray(codec === "h264" ? 1 : 2, 34));
  if (codec === "h264") {
    bits.skipNumbers(2); // first_mb_in_slice, slice_type
  } else {
    bits.skip(1); // first_slice_segment_in_pic_flag
    if (isIrap(type)) bits.skip(1); // no_output_of_prior_pics_flag
  }
  return bits.unsigned();
}

const isIrap = (type: number): boolean => type >= 16 && type <= 23;
const IDR_H265 = [19, 20];

/**
 * Reads slice_header() of H.264 as far as it says how pictures follow each other: ISO/IEC 14496-10 7.3.3.
 * @throws RangeError when it ends too early
 */
export function readH264Slice(nal: Buffer, sps: SequenceParameters, pps: PictureParameters): SliceHeader {
  const bits = new BitReader(nal.subarray(1, HEADER_BYTES));
  const order = sps.order ?? { type: 2, maxFrameNumBits: 4, lsbBits: 0, isDeltaAlwaysZero: true };
  const [header = 0] = nal;
  const isIdr = (header & 0x1f) === 5;
  bits.unsigned(); // first_mb_in_slice
  const type = bits.unsigned() % KINDS;
  bits.unsigned(); // pic_parameter_set_id
  if (sps.hasSeparatePlanes) bits.skip(2); // colour_plane_id
  const frameNum = bits.bits(order.maxFrameNumBits);
  const isField = !sps.hasFramesOnly && bits.flag();
  const field = isField ? (bits.flag() ? "bottom" : "top") : undefined;
  if (isIdr) bits.unsigned(); // idr_pic_id
  const orderLsb = order.type === 0 ? bits.bits(order.lsbBits) : 0;
  const hasSecond = pps.hasFieldOrder && !isField;
  const hasDeltas = order.type === 1 && !order.isDeltaAlwaysZero;
  const first = hasDeltas ? bits.signed() : 0;
  const second = hasSecond && (order.type === 0 || hasDeltas) ? bits.signed() : 0;
  const orderDeltas = order.type === 0 ? ([second, 0] as const) : ([first, second] as const);
  const resetsOrder = !isIdr && (header & 0x60) !== 0 && hasReset(bits, type, sps, pps);
  return { isIntra: isIntraType(type), field, frameNum, orderLsb, orderDeltas, resetsOrder, isShown: true };
}

/** Reads on to dec_ref_pic_marking(). What cannot be read that far is taken to have no reset, which is rare. */
function hasReset(bits: BitReader, type: number, sps: SequenceParameters, pps: PictureParameters): boolean {
  try {
    if (pps.hasRedundantCount) bits.unsigned();
    if (type === B) bits.skip(1); // direct_spatial_mv_pred_flag
    const counts = readReferenceCounts(bits, type, pps);
    counts.forEach(() => skipListModification(bits));
    const isWeighted = type === B ? pps.weightedBipred === 1 : pps.isWeighted && counts.length > 0;
    if (isWeighted) skipWeights(bits, counts, sps.chromaFormat !== 0 && !sps.hasSeparatePlanes);
    return readsReset(bits);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const MOST_REFERENCES = 32;

/** Returns the numbers of references of the lists that there are. */
function readReferenceCounts(bits: BitReader, type: number, pps: PictureParameters): number[] {
  if (isIntraType(type)) return [];
  const lists = type === B ? 2 : 1;
  const isOverridden = bits.flag();
  const counts = Array.from({ length: lists }, (_, list) => (isOverridden ? bits.unsigned() + 1 : (pps.references[list] ?? 1)));
  if (counts.some((count) => count > MOST_REFERENCES)) throw new RangeError("more references than there may be");
  return counts;
}

const END_OF_MODIFICATIONS = 3;

function skipListModification(bits: BitReader): void {
  if (!bits.flag()) return;
  while (bits.unsigned() !== END_OF_MODIFICATIONS) bits.unsigned();
}

function skipWeights(bits: BitReader, counts: readonly number[], hasChroma: boolean): void {
  bits.unsigned(); // luma_log2_weight_denom
  if (hasChroma) bits.unsigned();
  for (const count of counts) {
    for (let reference = 0; reference < count; reference++) {
      if (bits.flag()) bits.skipNumbers(2);
      if (hasChroma && bits.flag()) bits.skipNumbers(4);
    }
  }
}

/** ISO/IEC 14496-10 7.4.3.3: operations 1, 2, 4 and 6 have one number, 3 has two. */
function readsReset(bits: BitReader): boolean {
  if (!bits.flag()) return false; // adaptive_ref_pic_marking_mode_flag
  for (;;) {
    const operation = bits.unsigned();
    if (operation === 0) return false;
    if (operation === 5) return true;
    bits.skipNumbers(operation === 3 ? 2 : 1);
  }
}

const I_H265 = 2;

/**
 * Reads slice_segment_header() of H.265 as far as its picture order count, and what it references: ISO/IEC 23008-2 7.3.6.1.
 * @throws RangeError when it ends too early
 */
export function readH265Slice(nal: Buffer, type: number, sps: SequenceParameters, pps: PictureParameters): SliceHeader {
  const bits = new BitReader(nal.subarray(2, HEADER_BYTES));
  bits.skip(1); // first_slice_segment_in_pic_flag
  if (isIrap(type)) bits.skip(1); // no_output_of_prior_pics_flag
  bits.unsigned(); // slice_pic_parameter_set_id
  bits.skip(pps.extraSliceBits);
  const isIntra = bits.unsigned() === I_H265;
  const isShown = pps.hasOutputFlag ? bits.flag() : true;
  if (sps.hasSeparatePlanes) bits.skip(2);
  const isIdr = IDR_H265.includes(type);
  const orderLsb = isIdr ? 0 : bits.bits(sps.lsbBits);
  const references = isIdr ? [] : tryReadReferences(bits, sps);
  return { isIntra, field: undefined, frameNum: 0, orderLsb, orderDeltas: [0, 0], resetsOrder: false, isShown, ...(references && { references }) };
}

function tryReadReferences(bits: BitReader, { referenceSets }: SequenceParameters): number[] | undefined {
  if (referenceSets === undefined) return undefined;
  try {
    const { before, after } = readSetOfSlice(bits, referenceSets);
    return [...before, ...after].flatMap(({ delta, isUsed }) => (isUsed ? [delta] : []));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
