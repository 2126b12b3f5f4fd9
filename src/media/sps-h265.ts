import type { BitReader } from "./bits.js";
import { readReferenceSets, type ReferenceSet } from "./reference-sets.js";
import type { SequenceParameters } from "./sps.js";
import { readVui, type Vui } from "./vui.js";

/** chroma_format_idc */
const CHROMA_444 = 3;
const NO_VUI: Vui = { pixelAspect: undefined, colour: undefined };

/** Reads seq_parameter_set_rbsp() up to the VUI: ISO/IEC 23008-2 7.3.2.2.1. */
export function readH265Sequence(bits: BitReader): SequenceParameters {
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(bits, subLayers);
  const id = bits.unsigned();
  const chromaFormat = bits.unsigned();
  const hasSeparatePlanes = chromaFormat === CHROMA_444 && bits.flag();
  const coded = { width: bits.unsigned(), height: bits.unsigned() };
  const size = bits.flag() ? cropped(bits, coded, chromaFormat) : coded;
  bits.skipNumbers(2); // bit depths
  const lsbBits = bits.unsigned() + 4;
  const { buffering, saidAt } = readBuffering(bits, bits.flag() ? subLayers + 1 : 1);
  return {
    ...{ id, ...size, chromaFormat, hasSeparatePlanes, hasFramesOnly: true, lsbBits, order: undefined, buffering },
    // Of the highest sub-layer, which is the last.
    reordering: { pictures: saidAt.at(-1)?.value ?? 0, saidAt },
    ...{ vuiFlagAt: undefined, restrictionFlagAt: undefined },
    ...readRest(bits, lsbBits),
  };
}

function cropped(bits: BitReader, coded: { width: number; height: number }, chromaFormat: number): { width: number; height: number } {
  const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const unitY = chromaFormat === 1 ? 2 : 1;
  const width = coded.width - unitX * (bits.unsigned() + bits.unsigned());
  const height = coded.height - unitY * (bits.unsigned() + bits.unsigned());
  return width > 0 && height > 0 ? { width, height } : coded;
}

type Located = ReturnType<BitReader["located"]>;

function readBuffering(bits: BitReader, layers: number): { readonly buffering: Located[]; readonly saidAt: Located[] } {
  const buffering: Located[] = [];
  const saidAt: Located[] = [];
  for (let layer = 0; layer < layers; layer++) {
    buffering.push(bits.located());
    saidAt.push(bits.located());
    bits.unsigned(); // sps_max_latency_increase_plus1
  }
  return { buffering, saidAt };
}

/** What comes after the orders of pictures. Where that ends too early, what was not reached is unknown. */
function readRest(bits: BitReader, lsbBits: number): { readonly referenceSets?: readonly ReferenceSet[]; readonly vui: Vui } {
  let referenceSets: readonly ReferenceSet[] | undefined;
  try {
    bits.skipNumbers(6); // the sizes and depths of coding and transform blocks
    if (bits.flag() && bits.flag()) skipScalingListData(bits);
    bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if (bits.flag()) skipPcm(bits);
    referenceSets = readReferenceSets(bits);
    if (bits.flag()) bits.skip(bits.unsigned() * (lsbBits + 1)); // long-term reference pictures
    bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    return { referenceSets, vui: bits.flag() ? readVui(bits) : NO_VUI };
  } catch (error) {
    if (error instanceof RangeError) return { ...(referenceSets && { referenceSets }), vui: NO_VUI };
    throw error;
  }
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
