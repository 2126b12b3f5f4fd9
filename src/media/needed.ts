import { isKeyPicture } from "./key-picture.js";
import type { Coding } from "./nal.js";
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
