import type { BitRange, BitReader } from "./bits.js";

/** chroma_format_idc */
const CHROMA_444 = 3;

/** What comes before the VUI: ISO/IEC 23008-2 7.3.2.2.1. @returns sps_max_num_reorder_pics: of the highest sub-layer, the last */
export function skipH265(bits: BitReader): { pictures: number; saidAt: BitRange[] } {
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
  const orderings = bits.flag() ? subLayers + 1 : 1;
  const reordering = Array.from({ length: orderings }, () => {
    bits.unsigned(); // sps_max_dec_pic_buffering_minus1
    const located = bits.located();
    bits.unsigned(); // sps_max_latency_increase_plus1
    return located;
  });
  bits.skipNumbers(6); // the sizes and depths of coding and transform blocks
  if (bits.flag() && bits.flag()) skipScalingListData(bits);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.flag()) skipPcm(bits);
  skipReferenceSets(bits);
  if (bits.flag()) bits.skip(bits.unsigned() * (orderBits + 1)); // long-term reference pictures
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  return { pictures: reordering.at(-1)?.value ?? 0, saidAt: reordering };
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
