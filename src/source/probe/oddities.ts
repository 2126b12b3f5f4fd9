import { ReferenceState } from "../../media/dependencies.js";
import type { InitSegment } from "../../media/init.js";
import type { ReadPictures } from "../../media/pictures.js";
import type { Size } from "../size.js";

/** What encoders write that readers stumble over. */
export interface OddityFacts {
  /** Samples that are damaged, and what is wrong with the first of them. */
  readonly damagedSamples: number;
  readonly firstDamage: string | null;
  /** Samples that hold no picture: parameter sets or other information by themselves. */
  readonly emptySamples: number;
  /** Fragments in which the times of pictures contradict their output order. */
  readonly contradictoryTimes: number;
  /** Fragments that begin with a key frame over which pictures reference the fragment before: open groups. */
  readonly openGroups: number;
  /** Fragments that begin with a gradual refresh instead of a key frame. */
  readonly gradualRefreshes: number;
  /** Pictures that can be decoded by nothing that was read. */
  readonly undecodable: number;
  /** Pixels: each size that parameter sets give, in order of appearance. */
  readonly sizes: readonly Size[];
  /** Pixels, as the sample entry claims where that is another size; null where it is right. */
  readonly claimedSize: Size | null;
}

/** Measures fragments that follow each other and share an init segment. */
export function measureOddities(reads: readonly ReadPictures[], { entrySize }: Pick<InitSegment, "entrySize">): OddityFacts {
  const faulty = reads.flatMap((read) => read.faulty);
  const state = new ReferenceState();
  const undecodable = reads.map(({ pictures, faulty: lost }, at) => {
    const { isRight } = state.follow(pictures, lost);
    // What the first fragment references was not read.
    return at === 0 ? 0 : isRight.filter((right) => !right).length;
  });
  const sizes = sizesOf(reads);
  const [first] = sizes;
  const isWrong = first !== undefined && (first.width !== entrySize.width || first.height !== entrySize.height);
  return {
    damagedSamples: faulty.length,
    firstDamage: faulty[0]?.fault ?? null,
    emptySamples: reads.reduce((sum, { empty }) => sum + empty, 0),
    contradictoryTimes: reads.filter(({ pictures }) => hasContradiction(pictures)).length,
    openGroups: reads.filter(({ pictures: [key, ...rest] }) => key?.kind.isRandomAccess && rest.some(({ order, kind }) => order < key.order && !kind.isDecodableLeading)).length,
    gradualRefreshes: reads.filter(({ pictures: [key] }) => key?.kind.recoversAfter !== undefined).length,
    undecodable: undecodable.reduce((sum, count) => sum + count, 0),
    sizes,
    claimedSize: isWrong ? entrySize : null,
  };
}

function sizesOf(reads: readonly ReadPictures[]): Size[] {
  const sizes = new Map<string, Size>();
  for (const { pictures } of reads) {
    for (const { setup: { width, height } } of pictures) sizes.set(`${width}x${height}`, { width, height });
  }
  return [...sizes.values()];
}

function hasContradiction(pictures: ReadPictures["pictures"]): boolean {
  const inOutputOrder = [...pictures].sort((a, b) => a.order - b.order);
  return inOutputOrder.some(({ ptsMs }, at) => at > 0 && ptsMs <= (inOutputOrder[at - 1]?.ptsMs ?? -Infinity));
}
