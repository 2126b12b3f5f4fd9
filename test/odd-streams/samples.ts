import { decoded, type Clip } from "./clips.js";
import { withLengths, type Codec } from "./nal.js";
import { fragment, initSegment, TIMESCALE, type FragmentOptions, type InitOptions } from "./mp4.js";

/** What a container holds: usually a picture. */
export interface Sample {
  readonly units: readonly Buffer[];
  /** Its bytes, if they are not simply its units. */
  readonly bytes?: Buffer;
  /** Ticks. Decoding times are those of samples in a row, whatever this is. */
  readonly pts: number;
  readonly duration: number;
  readonly sync: boolean;
  /** Checksum of the picture that it shows; undefined: it shows none. */
  readonly hash: string | undefined;
  /** Place in output order; means nothing where there is no picture. */
  readonly rank: number;
}

export type Fragment = readonly Sample[];
export type Edit = (fragments: readonly Fragment[], clip: Clip) => readonly Fragment[];

/** Ticks from one picture to the next. */
export const STEP = TIMESCALE / 10;
/** Pictures are presented so long after they are decoded that no difference is negative. */
const DELAY = 4 * STEP;

/** The pictures of a clip as a container holds them in good order: a fragment begins with each key frame. */
export function fragmentsOf({ coded, hashes }: Clip): Fragment[] {
  const fragments: Sample[][] = [];
  for (const { units, rank, sync } of coded) {
    if (sync) fragments.push([]);
    fragments.at(-1)?.push({ units, pts: rank * STEP + DELAY, duration: STEP, sync, hash: hashes[rank], rank });
  }
  return fragments;
}

export interface Writing {
  readonly init?: Partial<InitOptions>;
  readonly fragment?: Partial<FragmentOptions> | ((at: number, moofAt: number) => Partial<FragmentOptions>);
  /** How units become the bytes of a sample. Default: each behind a length. */
  readonly join?: (units: readonly Buffer[], lengthBytes: number) => Buffer;
  /** Other init segments, ahead of the fragments of these places. */
  readonly inits?: ReadonlyMap<number, Partial<InitOptions>>;
  /** Decoding time of each fragment's first sample. Default: they go on from one to the next. */
  readonly decodeTimeOf?: (at: number) => number;
}

/** A picture that is shown. */
export interface Shown {
  readonly hash: string;
  /** Place in output order among all. */
  readonly rank: number;
  /** After the first time of its fragment. */
  readonly ms: number;
}

/** Files of a folder to be played, and what is seen when it is. */
export interface OddStream {
  readonly codec: Codec;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** What each fragment shows. */
  readonly shown: readonly (readonly Shown[])[];
  /** Samples of each fragment. */
  readonly counts: readonly number[];
}

/** All that is shown, in output order. */
export const inOrder = (shown: OddStream["shown"]): Shown[] => shown.flat().sort((a, b) => a.rank - b.rank);

export function write({ codec, sets }: Pick<Clip, "codec" | "sets">, fragments: readonly Fragment[], writing: Writing = {}): OddStream {
  const { join = withLengths, inits = new Map() } = writing;
  const files: { name: string; bytes: Buffer }[] = [];
  let number = 0;
  let init: InitOptions = { codec, sets, ...writing.init };
  const add = (bytes: Buffer): void => void files.push({ name: `${String(number++).padStart(4, "0")}.mp4`, bytes });
  add(initSegment(init));
  let decodeTime = 0;
  for (const [at, samples] of fragments.entries()) {
    const other = inits.get(at);
    if (other !== undefined) {
      init = { ...init, ...other };
      add(initSegment(init));
    }
    const lengthBytes = init.nalLengthBytes ?? 4;
    let dts = decodeTime;
    const coded = samples.map(({ units, bytes, pts, duration, sync }) => {
      const offset = pts - dts;
      dts += duration;
      return { data: bytes ?? join(units, lengthBytes), duration, offset, sync };
    });
    const options = typeof writing.fragment === "function" ? writing.fragment(at, 0) : writing.fragment;
    add(fragment({ samples: coded, decodeTime: writing.decodeTimeOf?.(at) ?? decodeTime, sequence: at + 1, trackId: init.trackId ?? 1, ...options }));
    decodeTime = dts;
  }
  return { codec, files, shown: fragments.map(shownIn), counts: fragments.map(({ length }) => length) };
}

function shownIn(samples: Fragment): Shown[] {
  const first = Math.min(...samples.filter(({ bytes }) => bytes?.length !== 0).map(({ pts }) => pts));
  return samples.flatMap(({ hash, pts, rank }) => (hash === undefined ? [] : [{ hash, rank, ms: ((pts - first) * 1000) / TIMESCALE }]));
}

/**
 * Asks ffmpeg again what the pictures look like, where the stream itself was changed.
 * @param sets ahead of the fragments of these places
 */
export async function rehashed(codec: Codec, fragments: readonly Fragment[], sets: ReadonlyMap<number, readonly Buffer[]>): Promise<Fragment[]> {
  const hashes = await decoded(codec, fragments.flatMap((samples, at) => [...(sets.get(at) ?? []), ...samples.flatMap(({ units }) => units)]));
  const count = fragments.flat().filter(({ hash }) => hash !== undefined).length;
  if (hashes.length !== count) throw new Error(`cannot decode a changed clip: got ${hashes.length} of ${count} pictures`);
  let before = 0;
  return fragments.map((samples) => {
    const ranks = samples.filter(({ hash }) => hash !== undefined).map(({ rank }) => rank).sort((a, b) => a - b);
    const from = before;
    before += ranks.length;
    return samples.map((sample) => (sample.hash === undefined ? sample : { ...sample, hash: hashes[from + ranks.indexOf(sample.rank)] }));
  });
}

/** Changes samples one by one: into one, several, or none. */
export const eachSample =
  (change: (sample: Sample, at: number, fragment: number) => Sample | readonly Sample[]): Edit =>
  (fragments) =>
    fragments.map((samples, place) => samples.flatMap((sample, at) => change(sample, at, place)));

/** Changes the times of a fragment's samples, given as a list. */
export const retimed =
  (change: (times: readonly number[], fragment: number) => readonly number[], isFor: (fragment: number) => boolean = () => true): Edit =>
  (fragments) =>
    fragments.map((samples, place) => {
      if (!isFor(place)) return samples;
      const times = change(samples.map(({ pts }) => pts), place);
      return samples.map((sample, at) => ({ ...sample, pts: times[at] ?? sample.pts }));
    });

/** A sample that shows nothing, with the time of the one that it goes with. */
export const beside = ({ pts, rank }: Sample, units: readonly Buffer[], more: Partial<Sample> = {}): Sample => ({ units, pts, duration: 0, sync: false, hash: undefined, rank, ...more });

/** Puts units into the samples that the change names, ahead of what they hold and behind it. */
export const padded = (change: (at: number, fragment: number) => { readonly ahead?: readonly Buffer[]; readonly behind?: readonly Buffer[] } | undefined): Edit =>
  eachSample((sample, at, place) => {
    const { ahead = [], behind = [] } = change(at, place) ?? {};
    return { ...sample, units: [...ahead, ...sample.units, ...behind] };
  });

/** One edit after the other. */
export const together = (...edits: readonly Edit[]): Edit => (fragments, clip) => edits.reduce((current, edit) => edit(current, clip), fragments);
