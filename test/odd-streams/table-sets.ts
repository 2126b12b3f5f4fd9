import type { Clip, ClipName } from "./clips.js";
import { odd, type Entry } from "./entry.js";
import { information, isPictureSet, isSlice, typeOf } from "./nal.js";
import { beside, eachSample, type Edit, type Sample } from "./samples.js";
import { recolored } from "./sets.js";

/** F2: parameter sets that change between pictures, so that it matters from which one on. */
const CLIPS: readonly ClipName[] = ["plain", "bframes", "pyramid", "hevc", "hevcPyramid"];

interface Sets {
  readonly usual: Buffer;
  /** Gives other pixels. */
  readonly other: Buffer;
}

const setsOf = ({ codec, sets }: Clip): Sets => {
  const usual = sets.find((set) => isPictureSet(codec, set)) ?? Buffer.alloc(0);
  return { usual, other: recolored(codec, usual) };
};

/** Edits samples that may get another set; each key frame begins with the usual one. */
const edit =
  (change: (sample: Sample, at: number, place: number, sets: Sets, clip: Clip) => Sample | readonly Sample[]): Edit =>
  (fragments, clip) => {
    const sets = setsOf(clip);
    return eachSample((sample, at, place) => [change(at === 0 ? { ...sample, units: [sets.usual, ...sample.units] } : sample, at, place, sets, clip)].flat())(fragments, clip);
  };

const isDisposable = ({ codec }: Clip, { units }: Sample): boolean => {
  const slice = units.find((unit) => isSlice(codec, unit));
  if (slice === undefined) return false;
  return codec === "h264" ? ((slice[0] ?? 0) & 0x60) === 0 : typeOf(codec, slice) < 16 && typeOf(codec, slice) % 2 === 0;
};

const behind = (place: number, { usual, other }: Sets): Buffer => (place % 2 === 0 ? other : usual);

const recoloredOdd = (name: string, clip: ClipName, change: Edit): Entry => odd(name, clip, change, {}, { isByFfmpeg: true });

export const CHANGING_SETS: readonly Entry[] = CLIPS.flatMap((clip) => [
  recoloredOdd(`F2 a set ahead of a picture inside, ${clip}`, clip, edit((sample, at, _, { other }) => (at === 3 ? { ...sample, units: [other, ...sample.units] } : sample))),
  recoloredOdd(`F2 a set behind the slices of each key frame, ${clip}`, clip, (fragments, source) => eachSample((sample, at, place) => (at === 0 ? { ...sample, units: [...sample.units, behind(place, setsOf(source))] } : sample))(fragments, source)),
  recoloredOdd(`F2 a set behind the slices of each last picture, ${clip}`, clip, (fragments, source) => eachSample((sample, at, place) => (at === 9 ? { ...sample, units: [...sample.units, behind(place, setsOf(source))] } : sample))(fragments, source)),
  recoloredOdd(`F2 a set with each disposable picture, ${clip}`, clip, edit((sample, at, _, { other }, source) => (at > 0 && isDisposable(source, sample) ? { ...sample, units: [other, ...sample.units] } : sample))),
  recoloredOdd(`F2 a set as a sample, behind it much information, ${clip}`, clip, edit((sample, at, _, { other }, { codec }) => (at === 4 ? [beside(sample, [other, ...Array.from({ length: 70 }, () => information(codec))]), sample] : sample))),
]);
