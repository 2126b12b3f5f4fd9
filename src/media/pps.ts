import { BitReader } from "./bits.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";

/** What slice headers are read by. */
export interface PictureParameters {
  readonly id: number;
  readonly sequenceId: number;
  /** H.264: bottom_field_pic_order_in_frame_present_flag, redundant_pic_cnt_present_flag. */
  readonly hasFieldOrder: boolean;
  readonly hasRedundantCount: boolean;
  /** Default numbers of references in the two lists. */
  readonly references: readonly [number, number];
  readonly isWeighted: boolean;
  readonly weightedBipred: number;
  /** H.265. */
  readonly hasOutputFlag: boolean;
  readonly extraSliceBits: number;
}

/**
 * Reads a picture parameter set as far as slice headers need it.
 * @param nal with its header
 * @returns undefined for one that cannot be read
 */
export function tryReadPicture(codec: InitSegment["codec"], nal: Buffer): PictureParameters | undefined {
  const bits = new BitReader(nal.subarray(NAL_RULES[codec].headerBytes));
  try {
    return codec === "h264" ? readH264(bits) : readH265(bits);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const NO_REFERENCES = { hasFieldOrder: false, hasRedundantCount: false, references: [0, 0] as const, isWeighted: false, weightedBipred: 0 };

/** ISO/IEC 14496-10 7.3.2.2 */
function readH264(bits: BitReader): PictureParameters {
  const id = bits.unsigned();
  const sequenceId = bits.unsigned();
  bits.skip(1); // entropy_coding_mode_flag
  const hasFieldOrder = bits.flag();
  if (bits.unsigned() > 0) throw new RangeError("slice groups, which decoders do not support");
  const references = [bits.unsigned() + 1, bits.unsigned() + 1] as const;
  const isWeighted = bits.flag();
  const weightedBipred = bits.bits(2);
  bits.skipNumbers(3); // pic_init_qp, pic_init_qs, chroma_qp_index_offset
  bits.skip(2); // deblocking_filter_control_present_flag, constrained_intra_pred_flag
  const hasRedundantCount = bits.flag();
  return { id, sequenceId, hasFieldOrder, hasRedundantCount, references, isWeighted, weightedBipred, hasOutputFlag: false, extraSliceBits: 0 };
}

/** ISO/IEC 23008-2 7.3.2.3.1 */
function readH265(bits: BitReader): PictureParameters {
  const id = bits.unsigned();
  const sequenceId = bits.unsigned();
  bits.skip(1); // dependent_slice_segments_enabled_flag
  const hasOutputFlag = bits.flag();
  return { id, sequenceId, ...NO_REFERENCES, hasOutputFlag, extraSliceBits: bits.bits(3) };
}
