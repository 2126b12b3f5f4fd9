import { takeOut, type CheckedPictures, type FaultySample } from "./faulty-sample.js";
import type { PictureKind } from "./picture-kind.js";
import type { SliceHeader } from "./slice.js";
import type { SequenceParameters } from "./sps.js";

/** What a picture says of itself and of its references. */
export interface ReferencingPicture {
  readonly kind: PictureKind;
  readonly header: SliceHeader;
  readonly active: { readonly sps: SequenceParameters };
  readonly sample: { readonly index: number; readonly ptsMs: number };
  /** Indexes of the samples right ahead of it that hold neither a picture nor parameter sets. */
  readonly emptyAhead: readonly number[];
}

/** Skips of frame numbers in a fragment: by the position of the picture behind each, how many numbers it is ahead. */
export type FrameNumberSkips = ReadonlyMap<number, number>;

/** Encoders that skip after more references than this share count in their own way. */
const MOST_SKIPPED = 1 / 2;
/** Pictures to either side of a skip whose times are checked for a hole. */
const NEIGHBORS = 8;
/** A hole is this many times the usual distance. */
const HOLE = 1.5;
/** A decoder keeps at most 16 pictures in output order; others come between them in decoding order. */
const MOST_KNOWN = 32;

/**
 * Takes out the pictures of a fragment that cannot be decoded correctly because a picture that they reference is missing: a decoder
 * would make up something in its place without an error. Only the pictures right after a loss are taken out; {@link FaultySample}
 * tells that those after them lack them too.
 * @param before skips of the fragment before
 * @returns what is left, and this fragment's skips
 */
export function withoutLacking<T extends ReferencingPicture>(read: CheckedPictures<T>, before: FrameNumberSkips): CheckedPictures<T> & { readonly skips: FrameNumberSkips } {
  const { lacking, skips } = findLacking(read.pictures, read.faulty, before);
  const faults = new Map([...lacking].map(([at, { isDisposable }]) => [at, { fault: "a picture that references a missing one", isDisposable }]));
  return { ...takeOut(read, faults), skips };
}

/** Pictures that lack a reference, by position; a disposable one costs none of those after it. */
type Lacking = ReadonlyMap<number, Pick<FaultySample, "isDisposable">>;

function findLacking(pictures: readonly ReferencingPicture[], faulty: readonly FaultySample[], before: FrameNumberSkips): { readonly lacking: Lacking; readonly skips: FrameNumberSkips } {
  const losses = new Set(faulty.flatMap(({ position, isDisposable }) => (isDisposable ? [] : [position])));
  if (pictures[0]?.active.sps.order === undefined) return { lacking: lackH265(pictures, losses), skips: before };
  const own = frameNumberSkips(pictures, losses);
  const references = pictures.filter(({ kind }) => !kind.isDisposable);
  // Of what was not read of this fragment, the last one that was read that far tells.
  const skips = new Map([...[...before].filter(([at]) => at >= pictures.length), ...own]);
  if (own.size > references.length * MOST_SKIPPED) return { lacking: new Map(), skips };
  const hasHole = holesIn(pictures);
  const damaged = new Set(faulty.map(({ position }) => position));
  const isLoss = (at: number): boolean => damaged.has(at) || (pictures[at]?.emptyAhead.length ?? 0) > 0 || hasHole(at);
  const lost = new Set([...own].flatMap(([at, step]) => (before.get(at) !== step && isLoss(at) ? [at] : [])));
  return { lacking: lackH264(pictures, lost), skips };
}

/** Frame numbers count references: ISO/IEC 14496-10 7.4.3, frame_num. */
function frameNumberSkips(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>): Map<number, number> {
  const skips = new Map<number, number>();
  let last: PictureKind | undefined;
  for (const [at, { kind, header, active: { sps } }] of pictures.entries()) {
    const before = losses.has(at) ? undefined : last;
    if (!kind.isDisposable || before === undefined) last = kind.isDisposable ? undefined : kind;
    if (before === undefined || kind.isReset || sps.order?.allowsGaps === true) continue;
    const step = (header.frameNum - before.frameNum + kind.frameNumRange) % kind.frameNumRange;
    if (step <= 1) continue;
    skips.set(at, step);
    // Pictures after the skip count from here.
    last = kind.isDisposable ? { ...kind, frameNum: header.frameNum - 1 } : kind;
  }
  return skips;
}

/**
 * Tells whether a picture is missing around a skip, by the times. Some encoders skip numbers of their own accord, always at the
 * same places (after each IDR picture in samples of the AWS parser library), with no picture missing.
 */
function holesIn(pictures: readonly ReferencingPicture[]): (at: number) => boolean {
  const all = distances(pictures);
  const usual = all.sort((a, b) => a - b)[all.length >> 1] ?? 0;
  return (at) => distances(pictures.slice(Math.max(0, at - NEIGHBORS), at + NEIGHBORS)).some((distance) => distance > usual * HOLE);
}

function distances(pictures: readonly ReferencingPicture[]): number[] {
  const times = pictures.map(({ sample: { ptsMs } }) => ptsMs).sort((a, b) => a - b);
  return times.slice(1).map((time, at) => time - (times[at] ?? 0));
}

function lackH264(pictures: readonly ReferencingPicture[], lost: ReadonlySet<number>): Lacking {
  const lacking = new Map<number, { isDisposable: boolean }>();
  /** A random access point after a loss, while pictures come that are shown before it: these may reference the missing one. */
  let entry: ReferencingPicture | undefined;
  for (const [at, picture] of pictures.entries()) {
    if (picture.kind.isRandomAccess) entry = lost.has(at) ? picture : undefined;
    else if (lost.has(at)) lacking.set(at, { isDisposable: false });
    else if (entry !== undefined && isShownBefore(picture, entry)) lacking.set(at, { isDisposable: true });
    else entry = undefined;
  }
  return lacking;
}

function isShownBefore({ header, active: { sps } }: ReferencingPicture, entry: ReferencingPicture): boolean {
  const range = 2 ** (sps.order?.lsbBits ?? 0);
  return header.orderLsb !== entry.header.orderLsb && (header.orderLsb - entry.header.orderLsb + range) % range >= range / 2;
}

/** By reference picture sets, from the first random access point on: what precedes that may be in another fragment. */
function lackH265(pictures: readonly ReferencingPicture[], losses: ReadonlySet<number>): Lacking {
  const lacking = new Map<number, { isDisposable: boolean }>();
  /** Lower parts of picture order counts. */
  let known: number[] | undefined;
  for (const [at, { kind: { isRandomAccess, isSkippedLeading, orderLsb, orderRange }, header: { references = [] } }] of pictures.entries()) {
    if (losses.has(at)) known = undefined;
    if (isRandomAccess) known = [];
    // They reference what precedes the random access point.
    if (known === undefined || isSkippedLeading) continue;
    const isThere = (delta: number): boolean => known?.includes((orderLsb + delta + orderRange) % orderRange) === true;
    if (!isRandomAccess && !references.every(isThere)) lacking.set(at, { isDisposable: false });
    // Of a count with few bits, those of long ago would stand for new ones.
    else known = [...known, orderLsb].slice(-Math.min(MOST_KNOWN, orderRange / 2));
  }
  return lacking;
}
