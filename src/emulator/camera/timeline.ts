import type { Clip, ClipFragment } from "../media/clip.js";
import { fragmentNumber } from "./number.js";

/** Whose clock a time is on: the camera's, or the service's at ingest. */
export type Clock = "producer" | "server";

/** One fragment of a camera's life. Times are Unix epoch milliseconds. */
export interface Fragment {
  /** Count since the camera began; of one sent again, that of the live fragment before it. */
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
  /** How often the camera had changed its init segment, other than by another picture size. */
  readonly initRevision: number;
}

export interface TimelineOptions {
  /** Time of the very first picture. */
  readonly originMs: number;
  readonly latencyMs: number;
  readonly producerSkewMs: number;
}

/** From an index to before another. */
export type IndexRange = readonly [from: number, to: number];

/** The network delays the start of each fragment a little differently. */
const NETWORK_MS = 120;
const JITTER_MS = 20;
const jitter = (index: number): number => ((index * 7919) % (2 * JITTER_MS + 1)) - JITTER_MS;

/** A clip played round and round since the origin: a pure function of time, so that hours of archive take no memory. */
export class Timeline {
  /** From when on the camera's clock is how far ahead, in order of time. */
  readonly #skews: { readonly fromMs: number; readonly skewMs: number }[];
  readonly #initChanges: number[] = [];
  /** How many init segments the clip has. */
  readonly #parts: number;
  /** How much of the jitter: fragments in close succession must keep their order. */
  readonly #jitter: number;

  constructor(
    private readonly clip: Clip,
    private readonly options: TimelineOptions,
  ) {
    this.#parts = clip.fragments.reduce((most, { part }) => Math.max(most, part), 0) + 1;
    this.#jitter = Math.min(1, this.ms(shortestStep(clip)) / (2 * JITTER_MS));
    this.#skews = [{ fromMs: -Infinity, skewMs: options.producerSkewMs }];
  }

  /** Sets the camera's clock forward, or back, with the first fragment that starts at `atMs` of true time or later. */
  stepClock(atMs: number, byMs: number): void {
    const place = this.#skews.filter(({ fromMs }) => fromMs <= atMs).length;
    const { skewMs } = this.#skews[place - 1] ?? { skewMs: 0 };
    const later = this.#skews.splice(place).map((each) => ({ ...each, skewMs: each.skewMs + byMs }));
    this.#skews.push({ fromMs: atMs, skewMs: skewMs + byMs }, ...later);
  }

  /** Another init segment with the first fragment that starts at `atMs` of true time or later. */
  changeInit(atMs: number): void {
    this.#initChanges.push(atMs);
  }

  fragment(index: number): Fragment {
    const { fragments } = this.clip;
    const clipIndex = index % fragments.length;
    const clip = fragments[clipIndex];
    if (clip === undefined) throw new RangeError(`fragment index must be a whole number from 0, got ${index}`);
    const capturedMs = this.#capturedMs(index);
    const { skewMs } = this.#skews.filter(({ fromMs }) => fromMs <= capturedMs).at(-1) ?? { skewMs: 0 };
    const exactMs = { producer: capturedMs + skewMs, server: capturedMs + NETWORK_MS + this.#jitter * jitter(index) };
    const lengthMs = this.ms(clip.length);
    return {
      index,
      number: fragmentNumber(exactMs.server, index),
      clip,
      clipIndex,
      exactMs,
      startMs: wholeMs(exactMs),
      durationMs: this.ms(clip.end - clip.start),
      lengthMs,
      ingestedAt: capturedMs + lengthMs + this.options.latencyMs,
      initRevision: this.#initChanges.filter((atMs) => atMs <= capturedMs).length,
    };
  }

  /** How many fragments were ingested by `now`, had the camera never been offline. */
  ingestedCount(now: number): number {
    return this.#count(now, (index) => this.fragment(index).ingestedAt <= now);
  }

  /** How many fragments start before `timeMs` of true time. */
  capturedCount(timeMs: number): number {
    return this.#count(timeMs, (index) => this.#capturedMs(index) < timeMs);
  }

  /** Index of the first fragment that starts at `startMs` of server time or later. */
  firstIndex(startMs: number): number {
    return this.#count(startMs, (index) => this.fragment(index).startMs.server < startMs);
  }

  /** Where all fragments are that start from `startMs` to `endMs` of the camera's clock, one range for each of its skews; not all in them do. */
  producerRanges(startMs: number, endMs: number): IndexRange[] {
    return this.#skews.map(({ skewMs }) => [
      this.#count(startMs - skewMs, (index) => Math.round(this.#capturedMs(index) + skewMs) < startMs),
      this.#count(endMs - skewMs, (index) => Math.round(this.#capturedMs(index) + skewMs) <= endMs),
    ]);
  }

  /** Another one for each init segment. */
  initId({ clip, initRevision }: Fragment): number {
    return initRevision * this.#parts + clip.part;
  }

  /** Milliseconds of a time in the clip. */
  ms(ticks: number): number {
    return (ticks * 1000) / this.clip.timescale;
  }

  #capturedMs(index: number): number {
    const { fragments, duration } = this.clip;
    const turn = Math.floor(index / fragments.length);
    return this.options.originMs + this.ms(turn * duration + (fragments[index - turn * fragments.length]?.start ?? 0));
  }

  /** How many fragments are before a point near `aroundMs`, which every fragment two loops later is behind. */
  #count(aroundMs: number, isBefore: (index: number) => boolean): number {
    if (aroundMs === Infinity) return Infinity;
    const { fragments, duration } = this.clip;
    const turns = Math.max(0, Math.ceil((aroundMs - this.options.originMs) / this.ms(duration)) + 2);
    let [low, high] = [0, turns * fragments.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Ticks from one fragment's start to the next, where that is least. */
function shortestStep({ fragments, duration }: Clip): number {
  return fragments.reduce((least, { start }, i) => Math.min(least, (fragments[i + 1]?.start ?? duration) - start), Infinity);
}

export const wholeMs = ({ producer, server }: Fragment["exactMs"]): Fragment["startMs"] => ({ producer: Math.round(producer), server: Math.round(server) });
