import { seeded } from "../helpers/random.js";
import { clip, type ClipName } from "./clips.js";
import { annexB, delimiter, endOfSequence, filler, ignored, IGNORED, information, lengthOf, withLengths, type Codec } from "./nal.js";
import { box, u32, type FragmentOptions } from "./mp4.js";
import { beside, eachSample, fragmentsOf, padded, retimed, STEP, together, write, type Edit, type OddStream, type Writing } from "./samples.js";
import { editSets, type SequenceEdit } from "./sets.js";

type Random = (below: number) => number;

/** A stream that is odd at random, and in which ways. */
export interface FuzzedStream {
  readonly name: string;
  readonly stream: OddStream;
  /** How many pictures may be missing if that is told. */
  readonly mayLose: number;
}

const CLIPS: readonly ClipName[] = ["plain", "bframes", "pyramid", "hevc", "hevcPyramid", "open", "hevcOpen", "refresh", "slices", "interlaced", "cavlc"];
const NOBODY = undefined as never;

/** Each makes an edit, of which it draws the details. */
const EDITS: Readonly<Record<string, (random: Random) => Edit>> = {
  shuffledTimes: (random) => {
    const place = random(4);
    return retimed((times) => times.map((time) => [random(1000), time] as const).sort(([a], [b]) => a - b).map(([, time]) => time), (at) => at === place);
  },
  movedTimes: (random) => retimed((times) => times.map((time) => (random(5) === 0 ? time + random(STEP * 4) - STEP * 2 : time)), (at) => at === 1 || at === 2),
  equalTimes: () => retimed((times) => times.map(() => times[0]!)),
  timesOfDecoding: () => retimed((times) => times.map((_, at) => Math.min(...times) + at * STEP)),
  informed: (random) => {
    const one = random(10);
    return (fragments, { codec }) => eachSample((sample, at) => (at === one ? [beside(sample, [information(codec)]), sample] : sample))(fragments, NOBODY);
  },
  strayUnits: (random) => {
    const every = 1 + random(4);
    return (fragments, { codec }) => eachSample((sample, at) => (at % every === 0 ? [sample, beside(sample, [[filler, delimiter, information][random(3)]!(codec)])] : sample))(fragments, NOBODY);
  },
  setsAlone: (random) => {
    const one = random(2) * 5;
    return (fragments, { sets }) => eachSample((sample, at) => (at === one ? [beside(sample, sets), sample] : sample))(fragments, NOBODY);
  },
  setsInBand: () => (fragments, { sets }) => padded((at) => (at === 0 ? { ahead: sets } : undefined))(fragments, NOBODY),
  stuffed: (random) => (fragments, { codec }) =>
    padded(() => ({
      ahead: [delimiter(codec), ignored(codec, IGNORED[codec][random(IGNORED[codec].length)]!)].slice(0, random(3)),
      behind: [filler(codec, 1 + random(300)), ignored(codec, IGNORED[codec][random(IGNORED[codec].length)]!)].slice(0, random(3)),
    }))(fragments, NOBODY),
  ended: () => (fragments, { codec }) => padded((at, place) => (at === fragments[place]!.length - 1 ? { behind: [endOfSequence(codec)] } : undefined))(fragments, NOBODY),
  zerosBehind: (random) => {
    const count = 1 + random(9);
    return eachSample((sample) => ({ ...sample, bytes: Buffer.concat([sample.bytes ?? withLengths(sample.units), Buffer.alloc(count)]) }));
  },
  emptyUnits: (random) => eachSample((sample) => (random(3) === 0 ? { ...sample, bytes: Buffer.concat([lengthOf(0), sample.bytes ?? withLengths(sample.units)]) } : sample)),
  startCodes: (random) => {
    const length = random(2) === 0 ? 3 : 4;
    return eachSample((sample) => ({ ...sample, bytes: annexB(sample.units, length) }));
  },
  oneLength: () => eachSample((sample) => ({ ...sample, bytes: withLengths([annexB(sample.units)]) })),
  emptySamples: (random) => eachSample((sample) => (random(6) === 0 ? [sample, beside(sample, [], { bytes: Buffer.alloc(random(9)) })] : sample)),
  flags: (random) => eachSample((sample) => ({ ...sample, sync: random(2) === 0 })),
};

/** Those of them that change times. */
const TIMES: ReadonlySet<string> = new Set(["shuffledTimes", "movedTimes", "equalTimes", "timesOfDecoding"]);

/** Edits after which some pictures cannot be had. */
const LOSSES: Readonly<Record<string, (random: Random) => Edit>> = {
  cutPicture: (random) => {
    const [place, one, left] = [random(4), random(10), 5 + random(60)];
    return eachSample((sample, at, fragment) => (at === one && fragment === place ? { ...sample, bytes: (sample.bytes ?? withLengths(sample.units)).subarray(0, left) } : sample));
  },
  lostPicture: (random) => {
    const [place, one] = [random(4), 1 + random(8)];
    return eachSample((sample, at, fragment) => (at === one && fragment === place && sample.hash !== undefined ? { ...sample, bytes: Buffer.alloc(20, random(256)) } : sample));
  },
  missingPicture: (random) => {
    const [place, one] = [random(4), 1 + random(8)];
    return eachSample((sample, at, fragment) => (at === one && fragment === place && sample.hash !== undefined ? [] : sample));
  },
  emptiedPicture: (random) => {
    const [place, one, left] = [random(4), 1 + random(8), random(3)];
    const units = (codec: Codec): Buffer[] => [delimiter(codec), information(codec)].slice(0, left);
    return (fragments, { codec }) =>
      eachSample((sample, at, fragment) => (at === one && fragment === place && sample.hash !== undefined ? { ...sample, units: units(codec), bytes: withLengths(units(codec)), hash: undefined } : sample))(fragments, NOBODY);
  },
  nonsense: (random) => {
    const [place, one] = [random(4), random(10)];
    return eachSample((sample, at, fragment) => (at === one && fragment === place ? [beside(sample, [], { bytes: Buffer.from(Array.from({ length: 30 }, () => random(256))) }), sample] : sample));
  },
};

const draw = <T>(random: Random, all: readonly T[]): T => all[random(all.length)]!;

function boxes(random: Random): Partial<FragmentOptions> {
  const extra = (): Buffer[] => (random(3) === 0 ? [box(draw(random, ["free", "uuid", "skip", "zzzz"]), Buffer.alloc(16 + random(40), 0x33))] : []);
  const styp = random(3) === 0 ? [box("styp", Buffer.from("msdh"), u32(0))] : [];
  return {
    ...{ version: draw(random, [0, 1]), tfdt: draw(random, [0, 1, "none"]), mdat: draw(random, ["usual", "usual", "large"]), isMediaFirst: random(5) === 0 },
    ...{ runs: 1 + random(4), trafs: 1 + random(2), gapInMedia: random(3) === 0 ? random(30) : 0, hasBaseOffset: random(5) === 0 },
    ...{ before: [...styp, ...extra()], between: extra(), after: extra(), inMoof: extra() },
  };
}

/** Returns the stream of a seed: the same one each time. */
export async function fuzzed(seed: number): Promise<FuzzedStream> {
  const random = seeded(seed);
  random(2);
  const from = draw(random, CLIPS);
  const source = await clip(from);
  const drawn = Array.from({ length: 1 + random(3) }, () => draw(random, Object.keys(EDITS)));
  const loss = random(4) === 0 ? draw(random, Object.keys(LOSSES)) : undefined;
  // Only a hole in the times tells that a picture never came.
  const names = drawn.filter((name) => loss !== "missingPicture" || !TIMES.has(name));
  const edits = [...new Set(names)].map((name) => EDITS[name]!(random));
  if (loss !== undefined) edits.push(LOSSES[loss]!(random));
  const isMisled = random(3) === 0;
  const misled: SequenceEdit = source.codec === "h265" ? { reordered: random(6) } : random(2) === 0 ? { dropsVui: true } : { reordered: random(6) };
  const sets = isMisled && from !== "interlaced" ? editSets(source.codec, source.sets, misled) : source.sets;
  const writing: Writing = { fragment: boxes(random), init: { width: draw(random, [160, 320, 0]), height: draw(random, [90, 16, 0]) } };
  const stream = write({ ...source, sets }, together(...edits)(fragmentsOf(source), { ...source, sets }), writing);
  const name = `seed ${seed}: ${[from, ...new Set(names), loss, isMisled ? JSON.stringify(misled) : undefined].filter(Boolean).join(", ")}`;
  // Behind the end of a sequence, leading pictures of open groups have nothing to reference: a decoder skips them.
  const isEnded = names.includes("ended") && (from === "open" || from === "hevcOpen");
  return { name, stream, mayLose: loss === undefined && !isEnded ? 0 : source.coded.length };
}
