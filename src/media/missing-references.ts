import type { PictureKind } from "./picture-kind.js";
import type { SliceHeader } from "./slice.js";
import type { SequenceParameters } from "./sps.js";

/** What is asked of a picture to see whether what it references is there. */
export interface ReferencingPicture {
  readonly kind: PictureKind;
  readonly header: SliceHeader;
  readonly sps: SequenceParameters;
  /** Presentation time, in any unit. */
  readonly pts: number;
  /** A sample without a picture, or a damaged one, is right ahead of it. */
  readonly followsDamage: boolean;
}

/** Skips of frame numbers in a fragment, by the position of the picture behind each: how many numbers it is ahead. */
export type FrameNumberSkips = ReadonlyMap<number, number>;

export interface MissingReferences {
  /** For each picture: it cannot be made rightly. */
  readonly isLacking: readonly boolean[];
  /** To be handed over with the next fragment. */
  readonly skips: FrameNumberSkips;
}

/** Where more references than these are followed by a skip, the encoder counts in its own way. */
const MOST_SKIPPED = 1 / 2;
/** So many pictures around a skip are looked at for a hole in their times, to either side. */
const NEIGHBORS = 8;
/** A distance so many times the usual one is a hole. */
const HOLE = 1.5;
/** A decoder keeps no more pictures than 16, in output order; those between them in decoding order count, too. */
const MOST_KNOWN = 32;

/**
 * Finds the pictures of a fragment that cannot be made rightly, because one that they reference is missing among them: a decoder
 * would make up something in its place, and say nothing. Only the pictures right behind a loss are found: what follows them is
 * known to lack them.
 * @param pictures in decoding order
 * @param losses positions ahead of which a picture is known to be missing
 * @param before skips in the fragment before
 */
export function missingReferences(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>, before: FrameNumberSkips): MissingReferences {
  if (pictures[0]?.sps.order === undefined) return { isLacking: lackH265(pictures, losses), skips: before };
  const skips = frameNumberSkips(pictures, losses);
  const references = pictures.filter(({ kind }) => !kind.isDisposable);
  const known = new Map([...[...before].filter(([at]) => at >= pictures.length), ...skips]);
  if (skips.size > references.length * MOST_SKIPPED) return { isLacking: pictures.map(() => false), skips: known };
  const lost = new Set([...skips].flatMap(([at, step]) => (before.get(at) !== step && isLoss(pictures, at) ? [at] : [])));
  return { isLacking: lackH264(pictures, lost), skips: known };
}

/** Frame numbers count references: ISO/IEC 14496-10 7.4.3, frame_num. */
function frameNumberSkips(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>): Map<number, number> {
  const skips = new Map<number, number>();
  let last: PictureKind | undefined;
  for (const [at, { kind, header, sps }] of pictures.entries()) {
    const before = losses.has(at) ? undefined : last;
    if (!kind.isDisposable || before === undefined) last = kind.isDisposable ? undefined : kind;
    if (before === undefined || kind.isReset || sps.order?.allowsGaps === true) continue;
    const step = (header.frameNum - before.frameNum + kind.frameNumRange) % kind.frameNumRange;
    if (step <= 1) continue;
    skips.set(at, step);
    // One skip is enough: those behind it count from here.
    last = kind.isDisposable ? { ...kind, frameNum: header.frameNum - 1 } : kind;
  }
  return skips;
}

/**
 * Whether something is missing at a skip. Some encoders skip numbers of their own accord, always at the same places (the samples of the
 * AWS parser library do behind each IDR picture): then no picture is missing in time.
 */
function isLoss(pictures: readonly ReferencingPicture[], at: number): boolean {
  if (pictures[at]?.followsDamage) return true;
  const all = distances(pictures);
  const usual = all.sort((a, b) => a - b)[all.length >> 1] ?? 0;
  return distances(pictures.slice(Math.max(0, at - NEIGHBORS), at + NEIGHBORS)).some((distance) => distance > usual * HOLE);
}

function distances(pictures: readonly ReferencingPicture[]): number[] {
  const times = pictures.map(({ pts }) => pts).sort((a, b) => a - b);
  return times.slice(1).map((time, at) => time - (times[at] ?? 0));
}

function lackH264(pictures: readonly ReferencingPicture[], lost: ReadonlySet<number>): boolean[] {
  /** A random access point behind a loss: pictures that are shown before it may reference what is missing. */
  let entry: ReferencingPicture | undefined;
  return pictures.map((picture, at) => {
    const { isRandomAccess } = picture.kind;
    if (isRandomAccess) entry = lost.has(at) ? picture : undefined;
    return (lost.has(at) && !isRandomAccess) || (entry !== undefined && isShownBefore(picture, entry));
  });
}

function isShownBefore({ header, sps }: ReferencingPicture, entry: ReferencingPicture): boolean {
  const range = 2 ** (sps.order?.lsbBits ?? 0);
  return header.orderLsb !== entry.header.orderLsb && (header.orderLsb - entry.header.orderLsb + range) % range >= range / 2;
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
