import { takeOut, type CheckedPictures, type SampledPicture } from "./faulty-sample.js";

/** By the index of a sample that begins with noise: how many fragments in a row it does so in. */
export type NoisySamples = ReadonlyMap<number, number>;

/** Noise in the same sample of this many fragments in a row comes from the camera, and the sample ahead of it is whole. */
const HABIT = 3;

/**
 * Takes out the pictures whose end may be overwritten, because the sample after them begins with noise: a stretch of bytes that was
 * overwritten seldom ends where a sample does, and a decoder of H.265 hardly ever notices (docs/corruption.md).
 * @param samples how many samples of the fragment were read, from its first one on
 * @param before samples that began with noise in the fragments before
 * @returns what is left, and the samples that begin with noise
 */
export function withoutOverwritten<T extends SampledPicture & { readonly lastIndex: number }>(read: CheckedPictures<T>, samples: number, before: NoisySamples): CheckedPictures<T> & { readonly noisy: NoisySamples } {
  const beginning = read.faulty.filter(({ mayBeginIn }) => mayBeginIn !== undefined);
  const here = beginning.map(({ index }) => [index, (before.get(index) ?? 0) + 1] as const);
  const noisy = new Map([...[...before].filter(([index]) => index >= samples), ...here]);
  const suspected = beginning.filter(({ index, position, mayBeginIn }) => (noisy.get(index) ?? 0) < HABIT && read.pictures[position - 1]?.lastIndex === mayBeginIn);
  const fault = "a picture whose end may be overwritten, because the next sample begins with noise";
  const faults = new Map(suspected.map(({ position }) => [position - 1, { fault, isDisposable: false }]));
  return { ...takeOut(read, faults), noisy };
}
