import type { InitSegment } from "./init.js";
import { isIgnored, LENGTH_BYTES, NAL_RULES, type Coding, type NalUnit } from "./nal.js";

/** The NAL units of a sample that mean something to a decoder. */
export interface AccessUnit {
  readonly units: readonly NalUnit[];
  /** The sample is these units and nothing else, each behind four bytes of length, so that it can be passed on as it is. */
  readonly isPlain: boolean;
  /** What is wrong with the sample, as the end of a sentence about it; undefined: nothing. */
  readonly fault: string | undefined;
  /** It begins with what no encoder writes, but another program may have written over it. */
  readonly beginsWithNoise: boolean;
  /** What is left of a unit that does not fit. */
  readonly cut?: NalUnit | undefined;
}

/** Hardly any coded picture has more bytes, so a longer one that does not fit its sample is noise. */
const LIKELY_BYTES = 2 ** 20;
/** More than stand in for an empty unit. */
const ZEROS = Buffer.alloc(8);
/** Samples of fewer zeros are stray; more than these were a picture. */
const MOST_STRAY_ZEROS = 16;
const START_CODE = Buffer.from([0, 0, 1]);
/** A picture of 1080p of which each macroblock is a slice has 8160; each unit costs memory many times its bytes. */
const MOST_UNITS = 40_000;
/** Places that are tried for a first start code: each costs a look at all that follows. */
const MOST_CODES = 8;
/** Decoders ignore what is too short for a length. */
const STRAY_BYTES = 4;

/**
 * Splits a sample into NAL units, as tolerantly as ffmpeg: what a decoder ignores is left out, stray zeros and empty units
 * are passed over, start codes count where there should be lengths, and within a unit that holds several.
 */
export function readAccessUnit(data: Buffer, coding: Coding): AccessUnit {
  const { typeOf } = NAL_RULES[coding.codec];
  const { pieces, isExact, fault, cut } = split(data, coding);
  if (pieces.length > MOST_UNITS) return { units: [], isPlain: false, beginsWithNoise: false, fault: `more than ${MOST_UNITS} NAL units` };
  const all = pieces.map((bytes): NalUnit => ({ type: typeOf(bytes[0] ?? 0), bytes }));
  const units = all.filter((unit) => !isIgnored(unit, coding.codec));
  const isPlain = isExact && units.length === all.length && coding.nalLengthBytes === LENGTH_BYTES;
  const why = fault ?? (all.length === 0 && data.length >= MOST_STRAY_ZEROS ? `nothing but ${data.length} zeros` : faultOf(units, coding.codec));
  const beginsWithNoise = why !== undefined && isOverwritten(data, coding.nalLengthBytes);
  return { units, isPlain, fault: why, beginsWithNoise, cut: cut && { type: typeOf(cut[0] ?? 0), bytes: cut } };
}

/** Whether data that cannot be read begin with a length that makes no sense, or with zeros. */
function isOverwritten(data: Buffer, lengthBytes: number): boolean {
  if (data.length < ZEROS.length) return false;
  return data.readUIntBE(0, lengthBytes) > LIKELY_BYTES || data.subarray(0, ZEROS.length).equals(ZEROS);
}

interface Split {
  readonly pieces: readonly Buffer[];
  readonly isExact: boolean;
  readonly fault: string | undefined;
  readonly cut?: Buffer;
}

function split(data: Buffer, { codec, nalLengthBytes: lengthBytes }: Coding): Split {
  const pieces: Buffer[] = [];
  /** Where units begin whose length could be a start code, and how many come before each. */
  const codes: { readonly at: number; readonly before: number }[] = [];
  let isExact = true;
  for (let at = 0; at < data.length; ) {
    if (codes.length < MOST_CODES && startsWithCode(data, at)) codes.push({ at, before: pieces.length });
    const from = at + lengthBytes;
    const announced = from <= data.length ? data.readUIntBE(at, lengthBytes) : Infinity;
    if (from + announced > data.length) {
      const stray = withoutStray(data, at, pieces);
      const found = stray && isPicture(stray, codec) ? stray : (byCodes(data, pieces, codes, codec) ?? stray);
      const isCut = found === undefined || (!hasSlice(found, codec) && lostSlice(data, { at, from }, codec));
      return isCut ? broken(data, { at, from, announced }, pieces) : { pieces: found, isExact: false, fault: undefined };
    }
    if (announced === 0) isExact = false;
    else pieces.push(data.subarray(from, from + announced));
    if (pieces.length > MOST_UNITS) break;
    at = from + announced;
  }
  if (pieces.length > MOST_UNITS || !data.includes(START_CODE)) return { pieces, isExact, fault: undefined };
  // Of two readings that both fit, the one with a slice is meant.
  const coded = hasSlice(pieces, codec) ? undefined : byCodes(data, pieces, codes, codec);
  if (coded !== undefined && hasSlice(coded, codec)) return { pieces: coded, isExact: false, fault: undefined };
  const inner = pieces.flatMap(splitByCodes);
  return { pieces: inner, isExact: isExact && inner.length === pieces.length, fault: undefined };
}

/** Returns the units when what follows them is too short for another, or nothing but zeros. */
function withoutStray(data: Buffer, at: number, pieces: readonly Buffer[]): Buffer[] | undefined {
  const isStray = (pieces.length > 0 && data.length - at < STRAY_BYTES) || data.subarray(at).every((byte) => byte === 0);
  return isStray ? pieces.flatMap(splitByCodes) : undefined;
}

/** Whether what does not fit is the rest of a picture: its first slice, or part of a length. */
function lostSlice(data: Buffer, { at, from }: { at: number; from: number }, codec: InitSegment["codec"]): boolean {
  if (from >= data.length) return data.subarray(at).some((byte) => byte !== 0);
  const { typeOf, headerBytes } = NAL_RULES[codec];
  const unit = { type: typeOf(data[from] ?? 0), bytes: data.subarray(from) };
  return unit.bytes.length <= headerBytes ? WHOLE_SLICE_TYPES[codec](unit.type) : beginsPicture(unit, codec);
}

/** Whether a unit of more than its header seems to be the first slice of a picture. */
export const beginsPicture = (unit: NalUnit, codec: InitSegment["codec"]): boolean =>
  WHOLE_SLICE_TYPES[codec](unit.type) && !isIgnored(unit, codec) && FIRST_SLICE_FAULTS[codec](unit.bytes) === undefined;

/**
 * Returns the units as start codes give them, from the first place on where that makes a picture: a length of 256 to 511 looks like
 * a start code too, but what follows it is no slice then.
 */
function byCodes(data: Buffer, pieces: readonly Buffer[], codes: readonly { readonly at: number; readonly before: number }[], codec: InitSegment["codec"]): Buffer[] | undefined {
  for (const { at, before } of codes) {
    const [ahead, coded] = [pieces.slice(0, before), splitByCodes(data.subarray(at))];
    // Behind one slice comes another, or what seems to be a code is the length of one.
    if (hasSlice(ahead, codec) && !hasSlice(coded, codec)) continue;
    const units = [...ahead, ...coded];
    if (isPicture(units, codec)) return units;
  }
  return undefined;
}

function isPicture(pieces: readonly Buffer[], codec: InitSegment["codec"]): boolean {
  return hasSlice(pieces, codec) ? faultOf(usedUnits(pieces, codec), codec) === undefined : pieces.length === usedUnits(pieces, codec).length;
}

const hasSlice = (pieces: readonly Buffer[], codec: InitSegment["codec"]): boolean => usedUnits(pieces, codec).some(({ type }) => NAL_RULES[codec].isSlice(type));

const usedUnits = (pieces: readonly Buffer[], codec: InitSegment["codec"]): NalUnit[] =>
  pieces.map((bytes): NalUnit => ({ type: NAL_RULES[codec].typeOf(bytes[0] ?? 0), bytes })).filter((unit) => !isIgnored(unit, codec));

/** The lengths cannot be followed any further. */
function broken(data: Buffer, { at, from, announced }: { at: number; from: number; announced: number }, pieces: readonly Buffer[]): Split {
  const fault = announced === Infinity ? `${data.length - at} stray bytes at ${at}` : `a NAL unit at ${at} of ${announced} bytes, which does not fit its ${data.length} bytes`;
  return { pieces: pieces.flatMap(splitByCodes), isExact: false, fault, cut: data.subarray(from) };
}

const startsWithCode = (data: Buffer, at: number): boolean =>
  data[at] === 0 && data[at + 1] === 0 && (data[at + 2] === 1 || (data[at + 2] === 0 && data[at + 3] === 1));

/** Splits at start codes. Zeros that precede one, or end the data, belong to no unit. */
function splitByCodes(data: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let from = startsWithCode(data, 0) ? data.indexOf(START_CODE) + START_CODE.length : 0;
  for (;;) {
    const next = data.indexOf(START_CODE, from);
    const unit = trimmed(data.subarray(from, next === -1 ? data.length : next));
    if (unit.length > 0) units.push(unit);
    if (next === -1 || units.length > MOST_UNITS) return units;
    from = next + START_CODE.length;
  }
}

function trimmed(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

/** Returns what shows that the units are no whole picture; undefined also for units without any slice. */
function faultOf(units: readonly NalUnit[], codec: InitSegment["codec"]): string | undefined {
  const first = units.find(({ type }) => NAL_RULES[codec].isSlice(type));
  const fault = first && FIRST_SLICE_FAULTS[codec](first.bytes);
  return fault === undefined ? undefined : `a slice ${fault}`;
}

/** All but those of data partitions, which no decoder in use reads. */
const WHOLE_SLICE_TYPES: Readonly<Record<InitSegment["codec"], (type: number) => boolean>> = {
  h264: (type) => type === 1 || type === 5,
  h265: NAL_RULES.h265.isSlice,
};

/** What is wrong with a slice, header first, as the first of its picture. */
const FIRST_SLICE_FAULTS: Readonly<Record<InitSegment["codec"], (bytes: Buffer) => string | undefined>> = {
  h264: ([, head = 0]) => {
    // first_mb_in_slice as ue(v): 0 is the bit 1. Then slice_type: 1 is 0, 01x and 001xx are 1 to 6, 0001000 to 0001010 are 7 to 9.
    const type = head & 0x7f;
    if (head < 0x80) return "that begins its picture elsewhere than at its first macroblock";
    return type >= 0x10 || (type >= 0x08 && type <= 0x0a) ? undefined : "of no type from 0 to 9";
  },
  h265: ([, , head = 0]) => (head < 0x80 ? "that begins its picture with another segment than the first" : undefined),
};
