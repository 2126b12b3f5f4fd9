import { isKeyPicture } from "./key-picture.js";
import type { Coding } from "./nal.js";
import { kindOf } from "./picture-kind.js";
import type { Sample } from "./samples.js";

/**
 * What must be decoded for a picture of a fragment, in decoding order: from the last key picture that it can lean on. One that is
 * presented before a key picture though decoded after it leans on what came before that.
 * @param samples of the fragment, in decoding order
 * @returns nothing when no key picture comes before it
 */
export function neededFor(wanted: Sample, samples: readonly Sample[], coding: Coding): readonly Sample[] {
  const upToIt = samples.slice(0, samples.indexOf(wanted) + 1);
  const key = upToIt.map((sample) => sample.index <= wanted.index && isKeyPicture(sample, coding)).lastIndexOf(true);
  return key === -1 ? [] : upToIt.slice(key);
}

/**
 * What must be decoded for some pictures of a fragment, in decoding order: no more than leads up to each from the key picture before
 * it, and of that only what others lean on.
 * @param wanted indexes in order of presentation
 * @param samples in decoding order, from a key picture on
 */
export function neededForAll(wanted: ReadonlySet<number>, samples: readonly Sample[], coding: Coding): readonly Sample[] {
  if (wanted.size >= samples.length) return samples;
  const kinds = samples.map(({ data }) => kindOf(data, coding));
  const isNeeded = samples.map(() => false);
  let from = 0;
  for (const [at, { index }] of samples.entries()) {
    if (kinds[at]?.isReset) from = at;
    if (wanted.has(index)) isNeeded.fill(true, from, at + 1);
  }
  const topLayer = Math.max(...kinds.map(({ layer }) => layer));
  const isLeadingWanted = samples.some(({ index }, at) => wanted.has(index) && kinds[at]?.isSkippedLeading);
  const canBeLeftOut = (at: number): boolean => {
    const kind = kinds[at];
    return kind !== undefined && ((kind.isDisposable && kind.layer === topLayer) || (kind.isSkippedLeading && !isLeadingWanted));
  };
  return samples.filter(({ index }, at) => isNeeded[at] && (wanted.has(index) || !canBeLeftOut(at)));
}
