import type { InitSegment } from "./init.js";

/** How the samples of a track are made of NAL units. */
export type Coding = Pick<InitSegment, "codec" | "nalLengthBytes">;

/** A NAL unit, without what precedes it in its sample. */
export interface NalUnit {
  readonly type: number;
  /** From its header on. */
  readonly bytes: Buffer;
}

/** What the standards say of NAL units: ISO/IEC 14496-10 (table 7-1) and 23008-2 (table 7-1). */
export interface NalRules {
  readonly headerBytes: number;
  readonly typeOf: (header: number) => number;
  /** What a decoder does not ignore: all but what is reserved, unspecified or of an extension. */
  readonly isUsed: (type: number) => boolean;
  /** A part of a picture. */
  readonly isSlice: (type: number) => boolean;
  /** Decoding can begin with it, whatever the flags say. */
  readonly isKey: (type: number) => boolean;
  /** A key frame after which nothing references what precedes it. */
  readonly isReset: (type: number) => boolean;
  readonly isParameterSet: (type: number) => boolean;
  /** Type of a sequence parameter set, of a picture parameter set, and of supplemental information ahead of a picture. */
  readonly sequence: number;
  readonly picture: number;
  readonly information: number;
}

const within =
  (...ranges: readonly (readonly [number, number])[]) =>
  (type: number): boolean =>
    ranges.some(([from, to]) => type >= from && type <= to);

export const NAL_RULES: Readonly<Record<InitSegment["codec"], NalRules>> = {
  h264: {
    headerBytes: 1,
    typeOf: (header) => header & 0x1f,
    isUsed: within([1, 13]),
    isSlice: within([1, 5]),
    isKey: within([5, 5]),
    isReset: within([5, 5]),
    isParameterSet: within([7, 8]),
    sequence: 7,
    picture: 8,
    information: 6,
  },
  h265: {
    headerBytes: 2,
    typeOf: (header) => (header >> 1) & 0x3f,
    isUsed: within([0, 9], [16, 21], [32, 40]),
    isSlice: within([0, 9], [16, 21]),
    isKey: within([16, 21]),
    isReset: within([19, 20]),
    isParameterSet: within([32, 34]),
    sequence: 33,
    picture: 34,
    information: 39,
  },
};

const FORBIDDEN_BIT = 0x80;
const LAYER_BITS = 0x1_f8;
const TEMPORAL_BITS = 0x07;

/** Returns whether decoders ignore a NAL unit: by its type, its layer, or because its header is invalid. */
export function isIgnored({ type, bytes }: NalUnit, codec: InitSegment["codec"]): boolean {
  const { headerBytes, isUsed } = NAL_RULES[codec];
  return bytes.length < headerBytes || !isUsed(type) || isInvalid(bytes, codec);
}

function isInvalid([first = 0, second = 0]: Buffer, codec: InitSegment["codec"]): boolean {
  if (first & FORBIDDEN_BIT) return true;
  return codec === "h265" && ((second & TEMPORAL_BITS) === 0 || (((first << 8) | second) & LAYER_BITS) !== 0);
}

/** Writes NAL units as a sample, each behind its length in four bytes. */
export function joinUnits(units: readonly Pick<NalUnit, "bytes">[]): Buffer {
  return Buffer.concat(
    units.flatMap(({ bytes }) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Of the lengths in all that we write. */
export const LENGTH_BYTES = 4;

/** A unit of H.265 that ends a coded video sequence, behind its length: ISO/IEC 23008-2 7.4.2.4.4. */
export const endOfSequence = Buffer.from([0, 0, 0, 2, 0x48, 0x01]);
