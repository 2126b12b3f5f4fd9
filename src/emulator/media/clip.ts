import type { Sample, Track } from "./track.js";

/** A sample with its place on the decoding timeline of the loop. */
export interface TimedSample extends Sample {
  /** Ticks from the loop's first picture; may be negative where pictures are reordered. */
  readonly dts: number;
  readonly duration: number;
}

/** One picture of a fragment, in order of presentation. */
export interface Picture {
  /** Place in the loop, from 0: a generated camera draws it into the picture. */
  readonly counter: number;
  /** Ticks from the loop's first picture. */
  readonly pts: number;
  readonly keyframe: boolean;
}

/** A group of pictures that starts with a key frame and needs no other. */
export interface ClipFragment {
  /** Which of the clip's tracks holds it. */
  readonly part: number;
  readonly samples: readonly TimedSample[];
  readonly pictures: readonly Picture[];
  /** Ticks from the loop's first picture: this fragment's first picture, and the end of its last. */
  readonly start: number;
  readonly end: number;
  /** Ticks from its first picture to the start of its last. */
  readonly length: number;
  /** What is served, where it is not written anew from the samples; then these may be none. */
  readonly bytes?: Buffer;
  /** Its times do not go on from the fragment before, whatever the clock says. */
  readonly isDiscontinuous?: boolean;
}

export interface Clip {
  readonly timescale: number;
  /** Ticks: the pictures' durations together, so that the loop has no seam. */
  readonly duration: number;
  readonly fragments: readonly ClipFragment[];
}

/** Lays the tracks one after another and cuts them at key frames, no fragment shorter than `minSeconds` if it can be helped. */
export function makeClip(tracks: readonly Track[], minSeconds = 0): Clip {
  const timescale = tracks[0]?.timescale ?? 0;
  let duration = 0;
  let samples: (Sample & { part: number })[] = [];
  for (const [part, track] of tracks.entries()) {
    if (track.timescale !== timescale) throw new Error(`expected timescale ${timescale} in every part, got ${track.timescale}`);
    const times = presentationTimes(track.samples);
    const shift = duration - (times[0] ?? 0);
    samples = samples.concat(track.samples.map((sample) => ({ ...sample, pts: sample.pts + shift, part })));
    duration += presentationLength(times);
  }
  const timeline = new LoopTimeline(samples, duration);
  const fragments = groups(samples, minSeconds * timescale).map(([from, to]) => {
    const group = samples.slice(from, to);
    const start = timeline.at(from);
    const pictures = group.map(({ pts, keyframe }) => ({ counter: timeline.rank(pts), pts, keyframe })).sort((a, b) => a.pts - b.pts);
    return {
      part: group[0]?.part ?? 0,
      samples: group.map((sample, i) => ({ ...sample, ...timeline.decoding(from + i) })),
      pictures,
      start,
      end: timeline.at(to),
      length: (pictures.at(-1)?.pts ?? start) - start,
    };
  });
  return { timescale, duration, fragments };
}

/**
 * Presentation times round the loop. Decoding times are the same times, as many pictures late as reordering needs:
 * whatever the source said of its decoding times, these grow steadily, also over the seam and at a variable rate.
 */
class LoopTimeline {
  readonly #times: readonly number[];
  readonly #ranks: ReadonlyMap<number, number>;
  readonly #delay: number;

  constructor(samples: readonly Sample[], private readonly duration: number) {
    this.#times = presentationTimes(samples);
    this.#ranks = new Map(this.#times.map((pts, rank) => [pts, rank]));
    this.#delay = samples.reduce((delay, { pts }, i) => Math.max(delay, i - this.rank(pts)), 0);
  }

  rank(pts: number): number {
    return this.#ranks.get(pts) ?? 0;
  }

  /** Presentation time of the picture `rank`, which may lie in another turn of the loop. */
  at(rank: number): number {
    const count = this.#times.length;
    const turn = Math.floor(rank / count);
    return (this.#times[rank - turn * count] ?? 0) + turn * this.duration;
  }

  decoding(index: number): { dts: number; duration: number } {
    const dts = this.at(index - this.#delay);
    return { dts, duration: this.at(index + 1 - this.#delay) - dts };
  }
}

const presentationTimes = (samples: readonly Sample[]): number[] => samples.map(({ pts }) => pts).sort((a, b) => a - b);

/** The last picture is shown as long as the one before it. */
function presentationLength(times: readonly number[]): number {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return last - first + (last - (times.at(-2) ?? last));
}

/** Index ranges [from, to) of samples, each starting at a key frame. */
function groups(samples: readonly (Sample & { part: number })[], minTicks: number): [number, number][] {
  const starts: number[] = [];
  for (const [i, { pts, keyframe, part }] of samples.entries()) {
    const current = samples[starts.at(-1) ?? 0];
    if (i === 0 || part !== current?.part || (keyframe && pts - current.pts >= minTicks)) starts.push(i);
  }
  return starts.map((from, i) => [from, starts[i + 1] ?? samples.length]);
}

/** Whether the fragments can stand alone: none holds a picture that is shown before its key frame or after the next one. */
export function isSelfContained({ fragments }: Clip): boolean {
  return fragments.every(({ samples, pictures, start, end }) =>
    samples[0]?.keyframe === true && samples[0].pts === start && (pictures.at(-1)?.pts ?? end) < end);
}
