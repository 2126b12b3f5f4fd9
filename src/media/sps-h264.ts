import type { BitReader, BitRange } from "./bits.js";
import type { H264Order, Reordering, SequenceParameters } from "./sps.js";
import { readVui, skipToRestriction, type Vui } from "./vui.js";

/** Profiles whose parameter sets speak of chroma formats: ISO/IEC 14496-10 7.3.2.1.1. */
const WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const CHROMA_420 = 1;
const CHROMA_444 = 3;
const BASELINE = 66;
/** pic_order_cnt_type: pictures are output in decoding order. */
const IN_ORDER = 2;
const MACROBLOCK = 16;
const MAX_REFERENCES_IN_CYCLE = 255;
const NO_VUI: Vui = { pixelAspect: undefined, colour: undefined };

/** Reads seq_parameter_set_data(): ISO/IEC 14496-10 7.3.2.1.1. */
export function readH264Sequence(bits: BitReader): SequenceParameters {
  const profile = bits.bits(8);
  bits.skip(16); // constraints, level
  const id = bits.unsigned();
  const chroma = WITH_CHROMA.has(profile) ? readChroma(bits) : { chromaFormat: CHROMA_420, hasSeparatePlanes: false };
  const counting = readOrder(bits);
  bits.unsigned(); // max_num_ref_frames
  const order = { ...counting, allowsGaps: bits.flag() };
  const columns = bits.unsigned() + 1;
  const rows = bits.unsigned() + 1;
  const hasFramesOnly = bits.flag();
  if (!hasFramesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const coded = { width: columns * MACROBLOCK, height: rows * MACROBLOCK * (hasFramesOnly ? 1 : 2) };
  const size = bits.flag() ? cropped(bits, coded, chroma.chromaFormat, hasFramesOnly) : coded;
  const isInOrder = order.type === IN_ORDER || profile === BASELINE;
  return { id, ...size, ...chroma, hasFramesOnly, lsbBits: 0, order, buffering: [], ...readUsability(bits, isInOrder) };
}

function readChroma(bits: BitReader): { chromaFormat: number; hasSeparatePlanes: boolean } {
  const chromaFormat = bits.unsigned();
  const hasSeparatePlanes = chromaFormat === CHROMA_444 && bits.flag();
  bits.skipNumbers(2); // bit depths
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    const lists = chromaFormat === CHROMA_444 ? 12 : 8;
    for (let list = 0; list < lists; list++) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return { chromaFormat, hasSeparatePlanes };
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function readOrder(bits: BitReader): Omit<H264Order, "allowsGaps"> {
  const maxFrameNumBits = bits.unsigned() + 4;
  const type = bits.unsigned();
  const order = { type, maxFrameNumBits, lsbBits: 0, isDeltaAlwaysZero: true, offsetForNonReference: 0, offsetForTopToBottom: 0, offsetsForReference: [] };
  if (type === 0) return { ...order, lsbBits: bits.unsigned() + 4 };
  if (type !== 1) return order;
  const isDeltaAlwaysZero = bits.flag();
  const offsetForNonReference = bits.signed();
  const offsetForTopToBottom = bits.signed();
  const cycle = bits.unsigned();
  if (cycle > MAX_REFERENCES_IN_CYCLE) throw new RangeError(`a cycle of ${cycle} references, wanted ${MAX_REFERENCES_IN_CYCLE} at most`);
  const offsetsForReference = Array.from({ length: cycle }, () => bits.signed());
  return { ...order, isDeltaAlwaysZero, offsetForNonReference, offsetForTopToBottom, offsetsForReference };
}

/** A window that leaves nothing is ignored, as decoders do. */
function cropped(bits: BitReader, coded: { width: number; height: number }, chromaFormat: number, hasFramesOnly: boolean): { width: number; height: number } {
  const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const unitY = (chromaFormat === 1 ? 2 : 1) * (hasFramesOnly ? 1 : 2);
  const width = coded.width - unitX * (bits.unsigned() + bits.unsigned());
  const height = coded.height - unitY * (bits.unsigned() + bits.unsigned());
  return width > 0 && height > 0 ? { width, height } : coded;
}

interface Usability {
  readonly vui: Vui;
  readonly reordering: Reordering | undefined;
  readonly vuiFlagAt: number | undefined;
  readonly restrictionFlagAt: number | undefined;
}

/** A VUI that ends too early says nothing, and the rest of the parameter set holds all the same. */
function readUsability(bits: BitReader, isInOrder: boolean): Usability {
  let vuiFlagAt: number | undefined = bits.position;
  const inOrder: Reordering | undefined = isInOrder ? { pictures: 0, saidAt: [] } : undefined;
  let vui = NO_VUI;
  let restrictionFlagAt: number | undefined;
  try {
    if (!bits.flag()) return { vui, reordering: inOrder, vuiFlagAt, restrictionFlagAt };
    vuiFlagAt = undefined;
    vui = readVui(bits);
    skipToRestriction(bits);
    const flagAt = bits.position;
    const said = bits.flag() ? readRestriction(bits) : undefined;
    restrictionFlagAt = flagAt;
    return { vui, reordering: said ? { pictures: isInOrder ? 0 : said.value, saidAt: [said] } : inOrder, vuiFlagAt, restrictionFlagAt };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { vui, reordering: inOrder, vuiFlagAt, restrictionFlagAt };
  }
}

/** Returns max_num_reorder_frames: ISO/IEC 14496-10 E.1.1. */
function readRestriction(bits: BitReader): BitRange & { readonly value: number } {
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  bits.skipNumbers(4); // sizes, and lengths of motion vectors
  return bits.located();
}
