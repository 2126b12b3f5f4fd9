import { neededFor, ReferenceState } from "../media/dependencies.js";
import type { CodedPicture, ReadPictures } from "../media/pictures.js";

/** Pictures to decode for one of them. */
export interface StillPictures {
  /** In decoding order. */
  readonly needed: readonly CodedPicture[];
  /** The place of the wanted one among them. */
  readonly place: number;
}

/** How far back to read for what a picture references. */
const MOST_FRAGMENTS_BACK = 10;

/**
 * Returns what must be decoded for one picture: from the last one on that decoding can begin with for it, in its fragment or those before.
 * @param index of the picture, in its fragment
 * @param previous reads the fragment before the last one read; undefined without one
 * @returns undefined when what it references cannot be had
 */
export async function picturesFor(index: number, read: ReadPictures, previous: () => Promise<ReadPictures | undefined>): Promise<StillPictures | undefined> {
  const reads = [read];
  for (;;) {
    const found = shortest(index, reads);
    if (found !== undefined) return found;
    const before = reads.length > MOST_FRAGMENTS_BACK ? undefined : await previous();
    if (before === undefined) return undefined;
    reads.unshift(before);
  }
}

function shortest(index: number, reads: readonly ReadPictures[]): StillPictures | undefined {
  const last = reads.at(-1);
  const whole = reads.flatMap(({ pictures }) => pictures);
  const before = whole.length - (last?.pictures.length ?? 0);
  const at = before + (last?.pictures.findIndex((picture) => picture.index === index) ?? 0);
  const state = new ReferenceState();
  const parts = reads.map(({ pictures, faulty }) => state.follow(pictures, faulty));
  if (at < before || !parts.flatMap(({ isRight }) => isRight)[at]) return undefined;
  const canBeFed = parts.flatMap((part) => part.canBeFed);
  const from = beginningFor(at, reads, whole);
  const needed = neededFor(new Set([at - from]), whole.slice(from), canBeFed.slice(from));
  return { needed: needed.flatMap((position) => whole[from + position] ?? []), place: needed.indexOf(at - from) };
}

/** The last picture that decoding can begin with, so that the one at a place comes out right. */
function beginningFor(at: number, reads: readonly ReadPictures[], whole: readonly CodedPicture[]): number {
  let fragmentFrom = 0;
  const ranks = reads.flatMap(({ pictures }) => {
    const base = fragmentFrom;
    fragmentFrom += pictures.length;
    return pictures.map(({ order }) => base + order);
  });
  const wanted = whole[at];
  for (let from = at; from > 0; from--) {
    const serves = (ranks[at] ?? 0) >= (ranks[from] ?? 0) || wanted?.kind.isDecodableLeading === true;
    if (whole[from]?.kind.isRandomAccess && serves && wanted?.setup === whole[from]?.setup) return from;
  }
  return 0;
}
