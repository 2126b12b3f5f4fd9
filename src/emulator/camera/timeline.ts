import type { Clip, ClipFragment } from "../media/clip.js";
import { fragmentNumber } from "./number.js";

/** Whose clock a time is on: the camera's, or the service's at ingest. */
export type Clock = "producer" | "server";

/** One fragment of a camera's life. Times are Unix epoch milliseconds. */
export interface Fragment {
  /** Count since the camera began. */
  readonly index: number;
  readonly number: string;
  readonly clip: ClipFragment;
  /** Its place among the clip's fragments. */
  readonly clipIndex: number;
  /** Time of its first picture, with fractions. */
  readonly exactMs: Readonly<Record<Clock, number>>;
  /** The same in whole milliseconds, as the service states it. */
  readonly startMs: Readonly<Record<Clock, number>>;
  /** From its first picture to the end of its last. */
  readonly durationMs: number;
  /** From its first picture to the start of its last: what ListFragments calls its length. */
  readonly lengthMs: number;
  /** From when on it is listed. */
  readonly ingestedAt: number;
}

export interface TimelineOptions {
  /** Time of the very first picture. */
  readonly originMs: number;
  readonly latencyMs: number;
  readonly producerSkewMs: number;
}

/** The network delays the start of each fragment a little differently. */
const NETWORK_MS = 120;
const JITTER_MS = 20;
const jitter = (index: number): number => ((index * 7919) % (2 * JITTER_MS + 1)) - JITTER_MS;

/** A clip played round and round since the origin: a pure function of time, so that hours of archive take no memory. */
export class Timeline {
  constructor(
    private readonly clip: Clip,
    private readonly options: TimelineOptions,
  ) {}

  fragment(index: number): Fragment {
    const { fragments, duration } = this.clip;
    const turn = Math.floor(index / fragments.length);
    const clipIndex = index - turn * fragments.length;
    const clip = fragments[clipIndex];
    if (clip === undefined) throw new RangeError(`fragment index must be a whole number from 0, got ${index}`);
    const { originMs, latencyMs, producerSkewMs } = this.options;
    const capturedMs = originMs + this.ms(turn * duration + clip.start);
    const exactMs = { producer: capturedMs + producerSkewMs, server: capturedMs + NETWORK_MS + jitter(index) };
    const lengthMs = this.ms((clip.pictures.at(-1)?.pts ?? clip.start) - clip.start);
    return {
      index,
      number: fragmentNumber(exactMs.server, index),
      clip,
      clipIndex,
      exactMs,
      startMs: { producer: Math.round(exactMs.producer), server: Math.round(exactMs.server) },
      durationMs: this.ms(clip.end - clip.start),
      lengthMs,
      ingestedAt: capturedMs + lengthMs + latencyMs,
    };
  }

  /** How many fragments were ingested by `now`, had the camera never been offline. */
  ingestedCount(now: number): number {
    return this.#count(now, (fragment) => fragment.ingestedAt <= now);
  }

  /** Index of the first fragment that starts at `startMs` or later. */
  firstIndex(startMs: number, clock: Clock): number {
    return this.#count(startMs - this.options.producerSkewMs * Number(clock === "producer"), (fragment) => fragment.startMs[clock] < startMs);
  }

  /** Milliseconds of a time in the clip. */
  ms(ticks: number): number {
    return (ticks * 1000) / this.clip.timescale;
  }

  /** How many fragments are before a point near `aroundMs`, which every fragment two loops later is behind. */
  #count(aroundMs: number, isBefore: (fragment: Fragment) => boolean): number {
    const { fragments, duration } = this.clip;
    const turns = Math.max(0, Math.ceil((aroundMs - this.options.originMs) / this.ms(duration)) + 2);
    let [low, high] = [0, turns * fragments.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isBefore(this.fragment(middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
