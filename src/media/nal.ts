import type { InitSegment } from "./init.js";

/** How the samples of a track are made of NAL units. */
export type Coding = Pick<InitSegment, "codec" | "nalLengthBytes">;

export interface NalUnit {
  /** Of its length, in the sample. */
  readonly at: number;
  /** What its length says, bytes; Infinity where there is no room for a length. */
  readonly announced: number;
  /** What there is of it, from its header on. */
  readonly bytes: Buffer;
  readonly type: number;
}

/** What the standards say of NAL units: ISO/IEC 14496-10 (table 7-1) and 23008-2 (table 7-1). */
export interface NalRules {
  readonly standard: string;
  readonly headerBytes: number;
  readonly typeOf: (header: number) => number;
  /** Whether a stream of today may hold it: all but the reserved ones. What is left to applications may be there too. */
  readonly isKnown: (type: number) => boolean;
  /** A part of a picture. */
  readonly isSlice: (type: number) => boolean;
  /** Decoding can begin with it. */
  readonly isKey: (type: number) => boolean;
  /** A key picture after which nothing leans on what came before it. */
  readonly isReset: (type: number) => boolean;
  /** Type of a sequence parameter set. */
  readonly parameterSet: number;
}

const within = (...ranges: readonly (readonly [number, number])[]) => (type: number): boolean => ranges.some(([from, to]) => type >= from && type <= to);

export const NAL_RULES: Readonly<Record<InitSegment["codec"], NalRules>> = {
  h264: {
    standard: "H.264",
    headerBytes: 1,
    typeOf: (header) => header & 0x1f,
    isKnown: within([1, 16], [19, 21], [24, 31]),
    isSlice: within([1, 5]),
    isKey: within([5, 5]),
    isReset: within([5, 5]),
    parameterSet: 7,
  },
  h265: {
    standard: "H.265",
    headerBytes: 2,
    typeOf: (header) => (header >> 1) & 0x3f,
    isKnown: within([0, 9], [16, 21], [32, 40], [48, 63]),
    isSlice: within([0, 31]),
    isKey: within([16, 21]),
    isReset: within([19, 20]),
    parameterSet: 33,
  },
};

/** A sample's NAL units, as far as their lengths can be followed. */
export function* nalUnits(data: Buffer, { codec, nalLengthBytes }: Coding): Generator<NalUnit, undefined> {
  const { typeOf } = NAL_RULES[codec];
  for (let at = 0; at < data.length; ) {
    const from = at + nalLengthBytes;
    const announced = from <= data.length ? data.readUIntBE(at, nalLengthBytes) : Infinity;
    const bytes = data.subarray(from, from + announced);
    yield { at, announced, bytes, type: typeOf(bytes[0] ?? 0) };
    at = from + announced;
  }
  return undefined;
}
