import type { PictureKind } from "./picture-kind.js";
import type { FaultySample } from "./faulty-sample.js";
import type { CodedPicture } from "./pictures.js";

/** What decoding makes of some pictures, in decoding order. */
export interface Decodability {
  /** It comes out as the camera sent it. */
  readonly isRight: readonly boolean[];
  /** It can be given to a decoder. Those that cannot would be made from pictures that the decoder does not have. */
  readonly canBeFed: readonly boolean[];
}

/**
 * Follows which pictures reference which, as far as the stream tells: decoding is right from a random access point on, but for the
 * pictures that follow it in decoding order and precede it in output order; and from the end of a gradual refresh on.
 */
export class ReferenceState {
  /** How many pictures were followed: output ranks of those to come count on from it. */
  #count = 0;
  /** Output ranks from here on are right; undefined: nothing is. */
  #rightFrom: number | undefined;
  /** A gradual refresh that is under way: frame numbers until it is complete, and the last one seen. */
  #refresh: { readonly left: number; readonly frameNum: number } | undefined;

  /** The last reference that was followed. */
  #last: CodedPicture | undefined;

  /**
   * Follows all pictures of a fragment.
   * @param faulty what is missing among them
   */
  follow(pictures: readonly CodedPicture[], faulty: readonly FaultySample[]): Decodability {
    const base = this.#count;
    const losses = new Set(faulty.flatMap(({ position, isDisposable }) => (isDisposable ? [] : [position])));
    const isRight: boolean[] = [];
    const canBeFed: boolean[] = [];
    if (this.#last !== undefined && pictures[0] !== undefined && !joins(this.#last, pictures[0])) this.#lose();
    for (const [at, { kind, order }] of pictures.entries()) {
      if (losses.has(at)) this.#lose();
      this.#take(kind, base + order);
      const right = this.#rightFrom !== undefined && (base + order >= this.#rightFrom || kind.isDecodableLeading);
      isRight.push(right);
      canBeFed.push(right || this.#refresh !== undefined);
    }
    if (losses.has(pictures.length)) this.#lose();
    this.#count += pictures.length;
    this.#last = pictures.filter(({ kind }) => !kind.isDisposable).at(-1) ?? this.#last;
    return { isRight, canBeFed };
  }

  /** Returns an independent copy. */
  clone(): ReferenceState {
    const other = new ReferenceState();
    other.#count = this.#count;
    other.#rightFrom = this.#rightFrom;
    other.#refresh = this.#refresh;
    other.#last = this.#last;
    return other;
  }

  #lose(): void {
    this.#rightFrom = undefined;
    this.#refresh = undefined;
  }

  #take(kind: PictureKind, order: number): void {
    if (kind.isReset || (this.#rightFrom === undefined && kind.isRandomAccess)) {
      // An IDR picture leaves nothing behind it to reference.
      this.#rightFrom = kind.isIdr ? -Infinity : order;
      this.#refresh = undefined;
    } else if (this.#rightFrom === undefined) this.#takeRefresh(kind, order);
  }

  #takeRefresh({ recoversAfter, frameNum, frameNumRange }: PictureKind, order: number): void {
    if (this.#refresh === undefined) {
      if (recoversAfter === undefined || recoversAfter < 0) return;
      this.#refresh = { left: recoversAfter, frameNum };
    } else if (this.#refresh.frameNum !== frameNum || frameNumRange === UNCOUNTED) {
      this.#refresh = { left: this.#refresh.left - 1, frameNum };
    }
    if (this.#refresh.left > 0) return;
    this.#rightFrom = order;
    this.#refresh = undefined;
  }
}

/** H.265 has no frame numbers: each picture counts. */
const UNCOUNTED = 1;

/**
 * Whether the first picture of a fragment can follow the last reference of the one before. A fragment that lost its key frame
 * begins with a picture that counts from that, which nothing else would tell.
 */
function joins({ kind: last, setup }: CodedPicture, { kind: first }: CodedPicture): boolean {
  if (first.isReset) return true;
  if (setup.codec === "h264") {
    const step = (first.frameNum - last.frameNum + first.frameNumRange) % first.frameNumRange;
    return step <= 1;
  }
  const ahead = (first.orderLsb - last.orderLsb + first.orderRange) % first.orderRange;
  return ahead > 0 && ahead < first.orderRange / 2;
}

/**
 * Returns whether no other picture needs the one at a place, as a reference or for parameter sets in its sample: of H.265 those of lower
 * temporal layers may be referenced by higher ones.
 */
export function unreferencedIn(pictures: readonly CodedPicture[]): (at: number) => boolean {
  const topLayer = pictures.reduce((most, { kind }) => Math.max(most, kind.layer), 0);
  return (at) => {
    const picture = pictures[at];
    return picture === undefined || (picture.kind.isDisposable && picture.kind.layer === topLayer && !picture.carriesSets);
  };
}

/** Whether the pictures of a fragment can follow those of another: see {@link joins}. */
export function follow(before: readonly CodedPicture[], after: readonly CodedPicture[]): boolean {
  const last = before.filter(({ kind }) => !kind.isDisposable).at(-1);
  return last !== undefined && after[0] !== undefined && joins(last, after[0]);
}

/**
 * Returns what must be decoded for some pictures: no more than leads up to each from the last picture before it that references
 * nothing, and of that only what others reference.
 * @param wanted positions among them
 * @param chain pictures in decoding order, which may span fragments
 * @param isFed what can be given to a decoder
 */
export function neededFor(wanted: ReadonlySet<number>, chain: readonly CodedPicture[], isFed: readonly boolean[]): number[] {
  const isNeeded = chain.map(() => false);
  let from = 0;
  for (const [at, { kind }] of chain.entries()) {
    if (kind.isReset) from = at;
    if (!wanted.has(at)) continue;
    isNeeded.fill(true, from, at + 1);
    from = at + 1;
  }
  const isUnreferenced = unreferencedIn(chain);
  const isLeadingWanted = [...wanted].some((at) => chain[at]?.kind.isSkippedLeading);
  const canBeLeftOut = (at: number): boolean => isUnreferenced(at) || (chain[at]?.kind.isSkippedLeading === true && !isLeadingWanted);
  return chain.flatMap((_, at) => (isNeeded[at] && isFed[at] && (wanted.has(at) || !canBeLeftOut(at)) ? [at] : []));
}
