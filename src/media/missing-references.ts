import type { PictureKind } from "./picture-kind.js";
import type { SliceHeader } from "./slice.js";
import type { SequenceParameters } from "./sps.js";

/** What is asked of a picture to see whether what it references is there. */
export interface ReferencingPicture {
  readonly kind: PictureKind;
  readonly header: SliceHeader;
  readonly sps: SequenceParameters;
}

/** Where more references than these are followed by a skip, the encoder counts in its own way. */
const MOST_SKIPPED = 1 / 2;
/** A decoder keeps no more pictures than 16, in output order; those between them in decoding order count, too. */
const MOST_KNOWN = 32;

/**
 * Finds the pictures of a fragment that cannot be made rightly, because one that they reference is missing among them: a decoder
 * would make up something in its place, and say nothing.
 * @param pictures in decoding order
 * @param losses positions ahead of which a picture is known to be missing: what follows is known to lack it, up to a key frame
 * @returns whether that is so, for each
 */
export function lackReferences(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>): boolean[] {
  return pictures[0]?.sps.order === undefined ? lackH265(pictures, losses) : lackH264(pictures, losses);
}

/**
 * By frame numbers, which count references: ISO/IEC 14496-10 7.4.3, frame_num. Only the pictures right behind a skip are found: what
 * follows them is known to lack them.
 */
function lackH264(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>): boolean[] {
  const references = new Set<PictureKind>();
  const skipped = new Set<PictureKind>();
  let last: PictureKind | undefined;
  /** A random access point behind a skip: pictures that are shown before it may reference what is missing. */
  let entry: ReferencingPicture | undefined;
  const isLacking = pictures.map((picture, at) => {
    const { kind, header, sps } = picture;
    const before = losses.has(at) ? undefined : last;
    if (!kind.isDisposable) {
      references.add(kind);
      last = kind;
    }
    if (kind.isRandomAccess) entry = undefined;
    if (before === undefined || kind.isReset || sps.order?.allowsGaps === true) return false;
    const isSkip = (header.frameNum - before.frameNum + kind.frameNumRange) % kind.frameNumRange > 1;
    if (isSkip) skipped.add(before);
    if (isSkip && kind.isRandomAccess) entry = picture;
    return (isSkip && !kind.isRandomAccess) || (entry !== undefined && isShownBefore(picture, entry));
  });
  return skipped.size > references.size * MOST_SKIPPED ? isLacking.map(() => false) : isLacking;
}

function isShownBefore({ header, sps }: ReferencingPicture, entry: ReferencingPicture): boolean {
  const range = 2 ** (sps.order?.lsbBits ?? 0);
  return (header.orderLsb - entry.header.orderLsb + range) % range >= range / 2 && header.orderLsb !== entry.header.orderLsb;
}

/** By reference picture sets, from the first random access point on: what precedes that may be in another fragment. */
function lackH265(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>): boolean[] {
  /** Lower parts of picture order counts. */
  let known: number[] | undefined;
  return pictures.map(({ kind: { isRandomAccess, isSkippedLeading, orderLsb, orderRange }, header: { references = [] } }, at) => {
    if (losses.has(at)) known = undefined;
    if (isRandomAccess) known = [];
    // They reference what precedes the random access point.
    if (known === undefined || isSkippedLeading) return false;
    const isThere = (delta: number): boolean => known?.includes((orderLsb + delta + orderRange) % orderRange) === true;
    if (!isRandomAccess && !references.every(isThere)) return true;
    known = [...known, orderLsb].slice(-MOST_KNOWN);
    return false;
  });
}
