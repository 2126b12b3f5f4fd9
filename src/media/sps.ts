import { BitReader, type BitRange } from "./bits.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";
import { skipH265 } from "./sps-h265.js";
import { readVui, skipToReordering, type Vui } from "./vui.js";

const NO_VUI: Vui = { pixelAspect: undefined, colour: undefined };

/**
 * What a sequence parameter set says of pixels and colours.
 * @param nal with its header
 * @throws RangeError when it ends too early
 */
export function readSps(codec: InitSegment["codec"], nal: Buffer): Vui {
  const bits = payloadOf(codec, nal);
  if (codec === "h264") skipH264(bits);
  else skipH265(bits);
  return bits.flag() ? readVui(bits) : NO_VUI;
}

/** How many pictures may come before one in order of decoding that comes after them in order of presentation. */
export interface Reordering {
  /** So many a decoder holds back. */
  readonly pictures: number;
  /** Where it says so, once for each temporal layer; nowhere when it follows from something else. */
  readonly saidAt: readonly BitRange[];
}

/**
 * @param nal with its header
 * @returns undefined when it does not say
 * @throws RangeError when it ends too early
 */
export function readReordering(codec: InitSegment["codec"], nal: Buffer): Reordering | undefined {
  const bits = payloadOf(codec, nal);
  if (codec === "h265") return skipH265(bits);
  if (skipH264(bits)) return { pictures: 0, saidAt: [] };
  if (!bits.flag()) return undefined;
  readVui(bits);
  if (!skipToReordering(bits)) return undefined;
  const { value, ...range } = bits.located();
  return { pictures: value, saidAt: [range] };
}

const payloadOf = (codec: InitSegment["codec"], nal: Buffer): BitReader => new BitReader(nal.subarray(NAL_RULES[codec].headerBytes));

/** Profiles whose parameter sets speak of chroma formats: ISO/IEC 14496-10 7.3.2.1.1. */
const WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const CHROMA_444 = 3;
const BASELINE = 66;
/** pic_order_cnt_type: pictures come in the order in which they are decoded. */
const IN_ORDER = 2;

/** What comes before the VUI. @returns whether it is certain that pictures come in order */
function skipH264(bits: BitReader): boolean {
  const profile = bits.bits(8);
  bits.skip(16); // constraints, level
  bits.unsigned(); // id
  if (WITH_CHROMA.has(profile)) skipChroma(bits);
  bits.unsigned(); // log2_max_frame_num_minus4
  const order = skipPictureOrder(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  bits.skipNumbers(2); // size in macroblocks
  const hasFramesOnly = bits.flag();
  if (!hasFramesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  if (bits.flag()) bits.skipNumbers(4); // cropping
  return order === IN_ORDER || profile === BASELINE;
}

function skipChroma(bits: BitReader): void {
  const chroma = bits.unsigned();
  if (chroma === CHROMA_444) bits.skip(1); // separate_colour_plane_flag
  bits.skipNumbers(2); // bit depths
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (!bits.flag()) return; // seq_scaling_matrix_present_flag
  for (let list = 0; list < (chroma === CHROMA_444 ? 12 : 8); list++) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
}

function skipScalingList(bits: BitReader, size: number): void {
  let [last, next] = [8, 8];
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

/** @returns its type */
function skipPictureOrder(bits: BitReader): number {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return type;
  bits.skip(1); // delta_pic_order_always_zero_flag
  bits.skipNumbers(2); // offsets
  bits.skipNumbers(bits.unsigned());
  return type;
}
