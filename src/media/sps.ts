import type { BitRange } from "./bits.js";
import { BitReader } from "./bits.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";
import type { ReferenceSet } from "./reference-sets.js";
import { readH264Sequence } from "./sps-h264.js";
import { readH265Sequence } from "./sps-h265.js";
import type { Vui } from "./vui.js";

/** How many pictures may precede one in decoding order that follow it in output order. */
export interface Reordering {
  /** Pictures that a decoder holds back. */
  readonly pictures: number;
  /** Where the parameter set says so, once for each temporal layer; empty when it follows from something else. */
  readonly saidAt: readonly BitRange[];
}

/** How H.264 codes picture order counts: ISO/IEC 14496-10 7.4.2.1.1. */
export interface H264Order {
  readonly type: number;
  readonly maxFrameNumBits: number;
  /** Frame numbers may skip values without a loss. */
  readonly allowsGaps: boolean;
  /** Bits of pic_order_cnt_lsb, with type 0. */
  readonly lsbBits: number;
  /** The rest is of type 1. */
  readonly isDeltaAlwaysZero: boolean;
  readonly offsetForNonReference: number;
  readonly offsetForTopToBottom: number;
  readonly offsetsForReference: readonly number[];
}

/** What a sequence parameter set says. */
export interface SequenceParameters {
  readonly id: number;
  /** Pixels, cropped as the conformance window says. */
  readonly width: number;
  readonly height: number;
  /** chroma_format_idc: 0 to 3. */
  readonly chromaFormat: number;
  readonly hasSeparatePlanes: boolean;
  /** No fields: each picture is a frame. */
  readonly hasFramesOnly: boolean;
  /** Bits of the picture order count's lower part: H.265. */
  readonly lsbBits: number;
  /** What pictures may reference: H.265. undefined: not known. */
  readonly referenceSets?: readonly ReferenceSet[];
  /** H.264 only. */
  readonly order: H264Order | undefined;
  /** undefined when it does not say. */
  readonly reordering: Reordering | undefined;
  /** The size of the decoded picture buffer less one, once for each temporal layer: H.265. */
  readonly buffering: readonly (BitRange & { readonly value: number })[];
  /** Where the flag is that says that there is no VUI: H.264. */
  readonly vuiFlagAt: number | undefined;
  /** Where the flag of its bitstream restriction is: H.264. */
  readonly restrictionFlagAt: number | undefined;
  readonly vui: Vui;
}

/**
 * Reads a sequence parameter set.
 * @param nal with its header
 * @throws RangeError when it ends too early
 */
export function readSequence(codec: InitSegment["codec"], nal: Buffer): SequenceParameters {
  const bits = new BitReader(nal.subarray(NAL_RULES[codec].headerBytes));
  return codec === "h264" ? readH264Sequence(bits) : readH265Sequence(bits);
}

/** As {@link readSequence}; undefined for one that cannot be read. */
export function tryReadSequence(codec: InitSegment["codec"], nal: Buffer): SequenceParameters | undefined {
  try {
    return readSequence(codec, nal);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
