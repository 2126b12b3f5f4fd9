import { clip, type Clip, type ClipName } from "./clips.js";
import { odd, type Entry } from "./entry.js";
import { editSets, type Cropping, type SequenceEdit } from "./sets.js";
import { fragmentsOf, padded, rehashed, write, type Edit, type Fragment, type OddStream, type Writing } from "./samples.js";

/** F5: sizes. F7: depths of reordering that parameter sets do not tell, or tell wrong. */

/** A clip with other parameter sets, which change what its pictures look like. */
async function changed(from: ClipName, edit: SequenceEdit, inBand = false): Promise<OddStream> {
  const source = await clip(from);
  const sets = editSets(source.codec, source.sets, edit);
  const fragments = await rehashed(source.codec, fragmentsOf(source), new Map([[0, sets]]));
  return inBand ? write({ ...source, sets }, withSets(sets)(fragments, source), { init: { sets: [] } }) : write({ ...source, sets }, fragments);
}

const withSets = (sets: readonly Buffer[]): Edit => padded((at) => (at === 0 ? { ahead: sets } : undefined));

/** Sets that say the wrong depth: the pictures are the same. */
const misled = (name: string, from: ClipName, edit: SequenceEdit, more: Partial<Entry> = {}): Entry => ({
  ...odd(name, from),
  ...more,
  make: async () => {
    const source = await clip(from);
    return write({ ...source, sets: editSets(source.codec, source.sets, edit) }, fragmentsOf(source));
  },
});

/** Two clips in one, both with their sets in band: the first comes again behind the second. */
async function joined(first: ClipName, second: ClipName, writing: { readonly at?: "fragment" | "middle"; readonly asInit?: boolean; readonly setsOfSecond?: SequenceEdit } = {}): Promise<OddStream> {
  const [a, b] = [await clip(first), await clip(second)];
  const [before, after] = [withSets(a.sets)(fragmentsOf(a).slice(0, 2), a), fragmentsOf(b).slice(2)];
  const sets = writing.setsOfSecond === undefined ? b.sets : editSets(b.codec, b.sets, writing.setsOfSecond);
  if (writing.asInit) return write(a, [...before, ...after], { inits: new Map([[2, { sets }]]) });
  const told = withSets(sets)(after, b);
  const all: readonly Fragment[] = writing.at === "middle" ? [before[0]!, [...before[1]!, ...told[0]!], told[1]!] : [...before, ...told];
  return write(a, all, {});
}

const entry = (name: string, make: () => Promise<OddStream>, more: Partial<Entry> = {}): Entry => ({ name, make, ...more });

const SIDES: Readonly<Record<string, Cropping>> = {
  left: { left: 8 },
  right: { right: 7 },
  top: { top: 6 },
  bottom: { bottom: 5 },
  "left by two pixels": { left: 1 },
  "every side": { left: 3, right: 5, top: 2, bottom: 4 },
};

const SIZES: readonly Entry[] = [
  ...(["bframes", "hevcPyramid"] as const).flatMap((from) => [
    odd(`F5 a sample entry of 320x16, ${from}`, from, undefined, { init: { width: 320, height: 16 } }, { isLive: true }),
    odd(`F5 a sample entry of 0x0, ${from}`, from, undefined, { init: { width: 0, height: 0 } }),
    odd(`F5 a sample entry of 65535x65535, ${from}`, from, undefined, { init: { width: 0xff_ff, height: 0xff_ff } }),
    odd(`F5 a sample entry of 0x0 and no sets, ${from}`, from, (fragments, source) => withSets(source.sets)(fragments, source), { init: { width: 0, height: 0, sets: [] } }),
    ...Object.entries(SIDES).map(([side, crop]) => entry(`F5 cropping, ${side}, ${from}`, () => changed(from, { crop }))),
    entry(`F5 cropping in band, ${from}`, () => changed(from, { crop: { left: 4, top: 3 } }, true)),
    entry(`F5 sets of id 3, ${from}`, () => changed(from, { id: 3 })),
    entry(`F5 sets of id 5 in band, ${from}`, () => changed(from, { id: 5 }, true)),
  ]),
  entry("F5 another size in band", () => joined("plain", "upright"), { isLive: true, isUnlikeFfmpeg: true }),
  entry("F5 another size in band, H.265", () => joined("hevc", "hevcUpright"), { isUnlikeFfmpeg: true }),
  entry("F5 another size in the middle of a fragment", () => joined("plain", "upright", { at: "middle" }), { isUnlikeFfmpeg: true }),
  entry("F5 another size in the middle of a fragment, H.265", () => joined("hevc", "hevcUpright", { at: "middle" }), { isUnlikeFfmpeg: true }),
  entry("F5 another size with B-frames in band", () => joined("bframes", "larger"), { isUnlikeFfmpeg: true }),
  entry("F5 another size with B-frames in the middle of a fragment", () => joined("bframes", "larger", { at: "middle" }), { isUnlikeFfmpeg: true }),
  entry("F5 another size by an init segment", () => joined("plain", "upright", { asInit: true }), { isUnlikeFfmpeg: true }),
  entry("F5 another size under another id in band", () => joined("plain", "upright", { setsOfSecond: { id: 2 } }), { isUnlikeFfmpeg: true }),
  entry("F5 another picture parameter set in band", () => joined("plain", "cavlc")),
  entry("F5 another picture parameter set in the middle of a fragment", () => joined("plain", "cavlc", { at: "middle" })),
  entry("F5 B-frames begin in band", () => joined("plain", "pyramid")),
  entry("F5 B-frames begin in the middle of a fragment", () => joined("plain", "pyramid", { at: "middle" })),
];

const DEPTHS: readonly Entry[] = [
  ...(["bframes", "pyramid", "open"] as const).flatMap((from) => [
    misled(`F7 no VUI, ${from}`, from, { dropsVui: true }, from === "pyramid" ? { isLive: true, isUnlikeFfmpeg: true } : { isUnlikeFfmpeg: true }),
    misled(`F7 a depth of 0, ${from}`, from, { reordered: 0 }, { isUnlikeFfmpeg: true }),
    misled(`F7 a depth of 1, ${from}`, from, { reordered: 1 }, { isUnlikeFfmpeg: true }),
    misled(`F7 a depth of 4, ${from}`, from, { reordered: 4 }, { isUnlikeFfmpeg: true }),
    misled(`F7 a depth of 16, ${from}`, from, { reordered: 16 }, { isUnlikeFfmpeg: true }),
    misled(`F7 a depth of 40, ${from}`, from, { reordered: 40 }, { isUnlikeFfmpeg: true }),
  ]),
  ...(["hevcPyramid", "hevcOpen"] as const).flatMap((from) => [0, 1, 4, 9, 15].map((reordered) => misled(`F7 a depth of ${reordered}, ${from}`, from, { reordered }, { isUnlikeFfmpeg: true }))),
  misled("F7 no VUI without B-frames", "plain", { dropsVui: true }),
  misled("F7 no VUI with four slices", "slices", { dropsVui: true }),
];

/** What is wrong with the sets, in band and in the init segment. */
export const misledInBand = (name: string, from: ClipName, edit: SequenceEdit, writing: Writing = {}): Entry =>
  entry(name, async () => {
    const source: Clip = await clip(from);
    const sets = editSets(source.codec, source.sets, edit);
    return write({ ...source, sets }, withSets(sets)(fragmentsOf(source), source), { init: { sets: [] }, ...writing });
  }, { isUnlikeFfmpeg: true });

export const SETS: readonly Entry[] = [
  ...SIZES,
  ...DEPTHS,
  misledInBand("F7 no VUI, in band", "pyramid", { dropsVui: true }),
  misledInBand("F7 a depth of 0, in band", "pyramid", { reordered: 0 }),
  misledInBand("F7 a depth of 0, in band, H.265", "hevcPyramid", { reordered: 0 }),
];
