import { BitReader } from "./bits.js";
import type { InitSegment } from "./init.js";
import { readVui, type Vui } from "./vui.js";

const NO_VUI: Vui = { pixelAspect: undefined, colour: undefined };

/** Bits of a parameter set, emulation prevention left out, from the end of its NAL unit's header. */
export interface BitRange {
  readonly from: number;
  readonly to: number;
}

export interface Sps extends Vui {
  /** Where it says how many pictures a decoder may have to hold back, once for each temporal layer. */
  readonly reordering: readonly BitRange[];
}

/**
 * What a sequence parameter set says of pixels and colours.
 * @param nal with its header
 * @throws RangeError when it ends too early
 */
export const readSps = (codec: InitSegment["codec"], nal: Buffer): Sps => (codec === "h264" ? readH264(new BitReader(nal.subarray(1))) : readH265(new BitReader(nal.subarray(2))));

/** Profiles whose parameter sets speak of chroma formats: ISO/IEC 14496-10 7.3.2.1.1. */
const WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const CHROMA_444 = 3;

function readH264(bits: BitReader): Sps {
  const profile = bits.bits(8);
  bits.skip(16); // constraints, level
  bits.unsigned(); // id
  if (WITH_CHROMA.has(profile)) skipChroma(bits);
  bits.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  bits.skipNumbers(2); // size in macroblocks
  const hasFramesOnly = bits.flag();
  if (!hasFramesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  if (bits.flag()) bits.skipNumbers(4); // cropping
  if (!bits.flag()) return { ...NO_VUI, reordering: [] };
  const vui = readVui(bits);
  skipTiming(bits);
  if (!bits.flag()) return { ...vui, reordering: [] }; // bitstream_restriction_flag
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  bits.skipNumbers(4);
  return { ...vui, reordering: [numberAt(bits)] }; // max_num_reorder_frames
}

/** ISO/IEC 14496-10 E.1.1, from the colours to the restrictions. */
function skipTiming(bits: BitReader): void {
  if (bits.flag()) bits.skipNumbers(2); // chroma locations
  if (bits.flag()) bits.skip(65); // timing
  const buffers = [bits, bits].filter((each) => {
    const isPresent = each.flag();
    if (isPresent) skipBuffer(each);
    return isPresent;
  });
  if (buffers.length > 0) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
}

/** hrd_parameters() */
function skipBuffer(bits: BitReader): void {
  const count = bits.unsigned() + 1;
  bits.skip(8); // scales
  for (let i = 0; i < count; i++) {
    bits.skipNumbers(2);
    bits.skip(1);
  }
  bits.skip(20); // lengths
}

function numberAt(bits: BitReader): BitRange {
  const from = bits.position;
  bits.unsigned();
  return { from, to: bits.position };
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

function skipPictureOrder(bits: BitReader): void {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.skip(1); // delta_pic_order_always_zero_flag
  bits.skipNumbers(2); // offsets
  bits.skipNumbers(bits.unsigned());
}

/** ISO/IEC 23008-2 7.3.2.2.1 */
function readH265(bits: BitReader): Sps {
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(bits, subLayers);
  bits.unsigned(); // id
  if (bits.unsigned() === CHROMA_444) bits.skip(1); // separate_colour_plane_flag
  bits.skipNumbers(2); // size
  if (bits.flag()) bits.skipNumbers(4); // conformance window
  bits.skipNumbers(2); // bit depths
  const orderBits = bits.unsigned() + 4;
  const reordering: BitRange[] = [];
  for (let left = bits.flag() ? subLayers + 1 : 1; left > 0; left--) {
    bits.unsigned(); // sps_max_dec_pic_buffering_minus1
    reordering.push(numberAt(bits)); // sps_max_num_reorder_pics
    bits.unsigned(); // sps_max_latency_increase_plus1
  }
  bits.skipNumbers(6); // sizes and depths of coding and transform blocks
  if (bits.flag() && bits.flag()) skipScalingListData(bits);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.flag()) skipPcm(bits);
  skipReferenceSets(bits);
  if (bits.flag()) bits.skip(bits.unsigned() * (orderBits + 1)); // long-term reference pictures
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  return { ...(bits.flag() ? readVui(bits) : NO_VUI), reordering };
}

function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.skip(96); // general profile, tier, constraints and level
  const present = Array.from({ length: subLayers }, () => [bits.flag(), bits.flag()] as const);
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
}

function skipScalingListData(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      const isCoded = bits.flag();
      if (!isCoded) bits.unsigned(); // scaling_list_pred_matrix_id_delta
      else bits.skipNumbers((size > 1 ? 1 : 0) + Math.min(64, 1 << (4 + 2 * size)));
    }
  }
}

function skipPcm(bits: BitReader): void {
  bits.skip(8); // bit depths
  bits.skipNumbers(2);
  bits.skip(1); // pcm_loop_filter_disabled_flag
}

/** ISO/IEC 23008-2 7.3.7: a set may be coded by its difference to the one before. */
function skipReferenceSets(bits: BitReader): void {
  const sets = bits.unsigned();
  let pictures = 0;
  for (let set = 0; set < sets; set++) {
    if (set > 0 && bits.flag()) {
      bits.skip(1); // delta_rps_sign
      bits.unsigned(); // abs_delta_rps_minus1
      const kept = Array.from({ length: pictures + 1 }, () => bits.flag() || bits.flag());
      pictures = kept.filter(Boolean).length;
    } else {
      const [before, after] = [bits.unsigned(), bits.unsigned()];
      pictures = before + after;
      for (let i = 0; i < pictures; i++) {
        bits.unsigned();
        bits.skip(1);
      }
    }
  }
}
