import type { Media } from "../media/media.js";
import { mediaTypeOf, type StreamDescription } from "./description.js";
import { Outages } from "./outages.js";
import { Recording, type TimeRange } from "./recording.js";
import type { CameraSpec } from "./spec.js";
import { Timeline, type Clock, type Fragment } from "./timeline.js";
import { fragmentTruth, type FragmentTruth } from "./truth.js";

const DEFAULTS = { historySeconds: 60, latencyMs: 300, producerSkewMs: 0, retentionHours: 24 };
const HOUR_MS = 3_600_000;

/** A stream and the camera that feeds it. */
export class Camera {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly description: StreamDescription;
  readonly #timeline: Timeline;
  readonly #recording: Recording;
  readonly #outages = new Outages();

  constructor(
    spec: CameraSpec,
    readonly media: Media,
    now: number,
  ) {
    const { historySeconds, latencyMs, producerSkewMs, retentionHours } = { ...DEFAULTS, ...spec };
    this.name = spec.name;
    this.createdAt = now - historySeconds * 1000;
    this.arn = `arn:aws:kinesisvideo:us-east-1:123456789012:stream/${spec.name}/${Math.round(this.createdAt)}`;
    this.description = {
      status: "ACTIVE", retentionHours, mediaType: spec.mediaType ?? mediaTypeOf(media), hasCodecPrivateData: true, isAuthorized: true,
    };
    this.#timeline = new Timeline(media.clip, { originMs: Math.round(this.createdAt), latencyMs, producerSkewMs });
    this.#recording = new Recording(this.#timeline);
  }

  get isOnline(): boolean {
    return !this.#outages.covers(Date.now());
  }

  /** Fragments that would be ingested while the camera is offline never exist. */
  setOnline(isOnline: boolean, now = Date.now()): void {
    if (isOnline) this.#outages.end(now);
    else this.#outages.add(now);
  }

  goOffline(fromMs: number, toMs: number): void {
    this.#outages.add(fromMs, toMs);
  }

  /** Sets the camera's clock forward, or back: fragments that start at `atMs` of true time or later have the new times. */
  stepClock(atMs: number, byMs: number): void {
    this.#timeline.stepClock(atMs, byMs);
  }

  /** Fragments that start at `atMs` of true time or later have an init segment of other bytes, which means the same. */
  changeInit(atMs: number): void {
    this.#timeline.changeInit(atMs);
  }

  /** From `atMs` on, what was captured in [fromMs, toMs) of true time is sent again, between live fragments. */
  resend(atMs: number, fromMs: number, toMs: number): void {
    this.#recording.resend(atMs, fromMs, toMs);
  }

  /** Fragments ingested after the given one that the service has and keeps, in order of ingest. */
  *ingestedAfter({ index, number }: Fragment, now = Date.now()): Generator<Fragment> {
    for (const fragment of this.#kept([[index, Infinity]], now)) {
      if (fragment.number > number) yield fragment;
    }
  }

  /** The newest `count` fragments, in order of ingest. */
  recent(count: number, now = Date.now()): Fragment[] {
    const fragments: Fragment[] = [];
    const oldest = this.#oldestIndex(now);
    for (let index = this.#timeline.ingestedCount(now) - 1; index >= oldest && fragments.length < count; index--) {
      fragments.unshift(...this.#kept([[index, index + 1]], now));
    }
    return fragments.slice(-count);
  }

  /** Fragments that start in the range, in order of ingest, none before the given index. */
  *range(range: TimeRange, now = Date.now(), fromIndex = 0): Generator<Fragment> {
    const { clock, startMs, endMs } = range;
    const places = this.#recording.indexRanges(range).map(([from, to]) => [Math.max(from, fromIndex), to] as const);
    for (const fragment of this.#kept(places, now)) {
      if (fragment.startMs[clock] >= startMs && fragment.startMs[clock] <= endMs) yield fragment;
    }
  }

  find(number: string, now = Date.now()): Fragment | undefined {
    const fragment = this.#recording.find(number);
    return fragment && fragment.index >= this.#oldestIndex(now) && this.#isIngested(fragment, now) ? fragment : undefined;
  }

  /** Fragments that start in [fromMs, toMs], for tests. */
  fragments(fromMs: number, toMs: number, clock: Clock): FragmentTruth[] {
    return Array.from(this.range({ clock, startMs: fromMs, endMs: toMs }), (fragment) => fragmentTruth(fragment, this.#timeline));
  }

  /** What is really in a fragment and when it was really captured, for tests. */
  truth(number: string): FragmentTruth | undefined {
    const fragment = this.find(number);
    return fragment && fragmentTruth(fragment, this.#timeline);
  }

  *#kept(ranges: readonly (readonly [number, number])[], now: number): Generator<Fragment> {
    const [oldest, count] = [this.#oldestIndex(now), this.#timeline.ingestedCount(now)];
    for (const [from, to] of ranges) {
      for (let index = Math.max(from, oldest); index < Math.min(to, count); index++) {
        for (const fragment of this.#recording.at(index)) {
          if (this.#isIngested(fragment, now)) yield fragment;
        }
      }
    }
  }

  #oldestIndex(now: number): number {
    return this.#timeline.firstIndex(now - this.description.retentionHours * HOUR_MS);
  }

  #isIngested({ ingestedAt }: Fragment, now: number): boolean {
    return ingestedAt <= now && !this.#outages.covers(ingestedAt);
  }
}
