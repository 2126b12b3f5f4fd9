import type { InitSegment } from "./init.js";
import { NAL_RULES, type NalUnit } from "./nal.js";
import { recoveryCountIn } from "./sei.js";
import type { SequenceParameters } from "./sps.js";
import { isIntraSlice, type SliceHeader } from "./slice.js";

/** What a coded picture says of which pictures reference which. */
export interface PictureKind {
  /** Nothing from here on references what precedes it. */
  readonly isReset: boolean;
  /** IDR: whatever follows it in decoding order is right, also what is shown before it. */
  readonly isIdr: boolean;
  /** It references no other picture. */
  readonly standsAlone: boolean;
  /** Decoding can begin with it: what follows it in both orders is right. */
  readonly isRandomAccess: boolean;
  /** Decoding that begins with it becomes right after so many frame numbers (H.264) or picture order counts (H.265): gradual refresh. */
  readonly recoversAfter: number | undefined;
  /** Counts references, H.264; and where it begins again. */
  readonly frameNum: number;
  readonly frameNumRange: number;
  /** The lower part of its picture order count, H.265; and where it begins again. */
  readonly orderLsb: number;
  readonly orderRange: number;
  /** No other picture references it, or for H.265 none of its temporal layer. */
  readonly isDisposable: boolean;
  /** The order of the pictures after it counts from it. */
  readonly countsForOrder: boolean;
  /** It references what precedes the key frame that it follows: RASL of H.265. */
  readonly isSkippedLeading: boolean;
  /** It is shown before the key frame that it follows, and can be decoded from that: RADL of H.265. */
  readonly isDecodableLeading: boolean;
  /** Temporal layer, from 0. */
  readonly layer: number;
}

export interface KindContext {
  readonly codec: InitSegment["codec"];
  readonly header: SliceHeader;
  readonly sps: SequenceParameters;
  /** Its container flags it as a key frame. */
  readonly sync: boolean;
  /** All samples of its fragment are flagged so, which says nothing. */
  readonly areFlagged: boolean;
  /** It is the first picture of its fragment, which by the service's rule is a key frame. */
  readonly isFirst: boolean;
}

/** ISO/IEC 23008-2 table 7-1: below 16, the even types; BLA and IDR begin a sequence. */
const FIRST_KEY = 16;
const LAST_BLA = 18;
const RASL = [8, 9];
const RADL = [6, 7];

/** Returns what the NAL units of a picture say of it. */
export const kindOf = (units: readonly NalUnit[], context: KindContext): PictureKind => (context.codec === "h264" ? kindOfH264(units, context) : kindOfH265(units, context));

function kindOfH264(units: readonly NalUnit[], { header, sps, sync, areFlagged, isFirst }: KindContext): PictureKind {
  const slices = units.filter(({ type }) => NAL_RULES.h264.isSlice(type));
  const [first] = slices;
  const isReset = first !== undefined && NAL_RULES.h264.isReset(first.type);
  const standsAlone = isReset || (header.isIntra && slices.every(({ bytes }) => isIntraSlice(bytes)));
  const recovery = recoveryOf(units, "h264");
  const isTrusted = recovery === 0 || (sync && !areFlagged) || isFirst;
  const isRandomAccess = isReset || (standsAlone && isTrusted);
  const isReference = first !== undefined && ((first.bytes[0] ?? 0) & 0x60) !== 0;
  return {
    ...{ isReset, isIdr: isReset, standsAlone, isRandomAccess, recoversAfter: isRandomAccess ? undefined : recovery, ...placeOf(header, sps) },
    ...{ isDisposable: !isReference, countsForOrder: isReference, isSkippedLeading: false, isDecodableLeading: false, layer: 0 },
  };
}

function kindOfH265(units: readonly NalUnit[], { header, sps }: KindContext): PictureKind {
  const { isSlice, isReset, isKey } = NAL_RULES.h265;
  const { type = 0, bytes } = units.find((unit) => isSlice(unit.type)) ?? {};
  const layer = ((bytes?.[1] ?? 1) & 7) - 1;
  const isDisposable = type < FIRST_KEY && type % 2 === 0;
  const isRandomAccess = isKey(type);
  const isLeading = RASL.includes(type) || RADL.includes(type);
  return {
    ...{ isReset: isReset(type) || (type >= FIRST_KEY && type <= LAST_BLA), isIdr: isReset(type), standsAlone: isRandomAccess, isRandomAccess },
    ...{ recoversAfter: isRandomAccess ? undefined : recoveryOf(units, "h265"), ...placeOf(header, sps), isDisposable },
    ...{ countsForOrder: layer === 0 && !isLeading && !isDisposable, isSkippedLeading: RASL.includes(type), isDecodableLeading: RADL.includes(type), layer },
  };
}

const placeOf = ({ frameNum, orderLsb, resetsOrder }: SliceHeader, { order, lsbBits }: SequenceParameters) => ({
  // Behind such a picture numbers count from 0.
  frameNum: resetsOrder ? 0 : frameNum,
  frameNumRange: 2 ** (order?.maxFrameNumBits ?? 0),
  orderLsb,
  orderRange: 2 ** lsbBits,
});

function recoveryOf(units: readonly NalUnit[], codec: InitSegment["codec"]): number | undefined {
  for (const { type, bytes } of units) {
    const count = type === NAL_RULES[codec].information ? recoveryCountIn(bytes, codec) : undefined;
    if (count !== undefined) return count;
  }
  return undefined;
}
