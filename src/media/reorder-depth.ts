import { unescaped, type BitRange } from "./bits.js";
import { NAL_RULES, joinUnits, type NalUnit } from "./nal.js";
import type { InitSegment } from "./init.js";
import { tryReadSequence, type SequenceParameters } from "./sps.js";

type Codec = InitSegment["codec"];

/** Decoders hold back no more pictures, so that none further away changes the order. */
export const MOST_DEPTH = 16;
const MOST_REORDERED = 64;

/** Bits that take the place of others. */
interface Edit extends BitRange {
  readonly bits: string;
}

/**
 * Returns a sequence parameter set that says how deep pictures are reordered: so that a decoder neither lets go of pictures too
 * early, where the parameter set is silent or wrong, nor holds back any that it need not.
 * @param nal with its header
 * @returns the same one where it cannot be read
 */
export function withReorderDepth(nal: Buffer, codec: Codec, depth: number): Buffer {
  const sps = tryReadSequence(codec, nal);
  const edits = sps === undefined ? [] : codec === "h264" ? editsOfH264(sps, depth) : editsOfH265(sps, depth);
  if (edits.length === 0) return nal;
  const { headerBytes } = NAL_RULES[codec];
  const bits = [...unescaped(nal.subarray(headerBytes))].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let changed = "";
  let at = 0;
  for (const edit of edits) {
    changed += bits.slice(at, edit.from) + edit.bits;
    at = edit.to;
  }
  // The last 1 ends the parameter set; what fills its byte is rewritten.
  changed += bits.slice(at, bits.lastIndexOf("1") + 1);
  const bytes = changed.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)) ?? [];
  return Buffer.concat([nal.subarray(0, headerBytes), escaped(bytes)]);
}

/** Returns a sample whose sequence parameter sets, if it has some, say so; see {@link withReorderDepth}. */
export function sampleWithReorderDepth(units: readonly NalUnit[], codec: Codec, depth: number): Buffer {
  const { sequence } = NAL_RULES[codec];
  return joinUnits(units.map(({ type, bytes }) => ({ bytes: type === sequence ? withReorderDepth(bytes, codec, depth) : bytes })));
}

/** ue(v) */
function unsigned(value: number): string {
  const bits = (value + 1).toString(2);
  return "0".repeat(bits.length - 1) + bits;
}

/** Largest motion vectors, 2^16 quarters of a pixel: no restriction. */
const VECTOR_BITS = 16;
/** No aspect, overscan, signal type, chroma location, timing, buffering or picture structure. */
const EMPTY_VUI = "00000000";

function editsOfH264({ reordering, vuiFlagAt, restrictionFlagAt }: SequenceParameters, depth: number): Edit[] {
  const said = reordering?.saidAt ?? [];
  if (said.length > 0) return said.map(({ from, to }) => ({ from, to, bits: unsigned(depth) }));
  // Motion vectors over borders are allowed, and two sizes are not limited.
  const restriction = ["1", "1", unsigned(0), unsigned(0), unsigned(VECTOR_BITS), unsigned(VECTOR_BITS), unsigned(depth), unsigned(Math.max(1, depth))].join("");
  if (restrictionFlagAt !== undefined) return [{ from: restrictionFlagAt, to: restrictionFlagAt + 1, bits: restriction }];
  return vuiFlagAt === undefined ? [] : [{ from: vuiFlagAt, to: vuiFlagAt + 1, bits: `1${EMPTY_VUI}${restriction}` }];
}

function editsOfH265({ reordering, buffering }: SequenceParameters, depth: number): Edit[] {
  const depths = (reordering?.saidAt ?? []).map(({ from, to }): Edit => ({ from, to, bits: unsigned(depth) }));
  const sizes = buffering.filter(({ value }) => value < depth).map(({ from, to }): Edit => ({ from, to, bits: unsigned(depth) }));
  return [...depths, ...sizes].sort((a, b) => a.from - b.from);
}

function escaped(payload: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const byte of payload) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** Returns how deep the parameter set should say that pictures are reordered; undefined: it is right, or cannot be wrong. */
export function adjustedDepth({ reordering }: SequenceParameters, depth: number): number | undefined {
  const isRight = reordering === undefined ? depth === 0 : reordering.pictures >= depth && reordering.pictures <= MOST_DEPTH;
  return isRight ? undefined : depth;
}

/** Returns how many pictures precede one in decoding order that follow it in output order, at most. */
export function depthOf(ranks: readonly number[]): number {
  let depth = 0;
  for (const [at, rank] of ranks.entries()) {
    const before = ranks.slice(Math.max(0, at - MOST_REORDERED), at);
    depth = Math.max(depth, before.filter((other) => other > rank).length);
  }
  return depth;
}
