import type { Clock, Fragment, Timeline } from "./timeline.js";

/** One picture, in order of presentation. */
export interface FrameTruth {
  readonly index: number;
  /** The number drawn into a generated picture; for a file, the picture's place in it. */
  readonly counter: number;
  /** Exact, with fractions. */
  readonly producerMs: number;
  readonly serverMs: number;
  readonly keyframe: boolean;
}

export interface FragmentTruth {
  readonly number: string;
  readonly frames: readonly FrameTruth[];
  /** Changes where the init segment does. */
  readonly initId: number;
  /** Whole milliseconds, as PROGRAM-DATE-TIME says. */
  readonly startMs: Readonly<Record<Clock, number>>;
  readonly durationMs: number;
}

export function fragmentTruth(fragment: Fragment, timeline: Timeline): FragmentTruth {
  const { number, clip, exactMs, startMs, durationMs } = fragment;
  const frames = clip.pictures.map(({ counter, pts, keyframe }, index) => {
    const offset = timeline.ms(pts - clip.start);
    return { index, counter, producerMs: exactMs.producer + offset, serverMs: exactMs.server + offset, keyframe };
  });
  return { number, frames, initId: timeline.initId(fragment), startMs, durationMs };
}
