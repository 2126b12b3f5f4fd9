import type { Media } from "../media/media.js";
import { mediaTypeOf, type StreamDescription } from "./description.js";
import { fragmentIndex } from "./number.js";
import type { CameraSpec } from "./spec.js";
import { Timeline, type Clock, type Fragment } from "./timeline.js";
import { fragmentTruth, type FragmentTruth } from "./truth.js";

export interface TimeRange {
  readonly clock: Clock;
  /** Both compared with a fragment's start, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
}

const DEFAULTS = { historySeconds: 60, latencyMs: 300, producerSkewMs: 0, retentionHours: 24 };
const HOUR_MS = 3_600_000;

/** A stream and the camera that feeds it. */
export class Camera {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly description: StreamDescription;
  readonly #timeline: Timeline;
  /** Times during which nothing was sent; the last may be open. */
  readonly #offline: { readonly from: number; to: number }[] = [];

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
  }

  get isOnline(): boolean {
    return this.#offline.at(-1)?.to !== Infinity;
  }

  /** Fragments that would be ingested while the camera is offline never exist. */
  setOnline(isOnline: boolean, now = Date.now()): void {
    if (isOnline === this.isOnline) return;
    const outage = this.#offline.at(-1);
    if (isOnline && outage) outage.to = now;
    else this.#offline.push({ from: now, to: Infinity });
  }

  /** Fragments from the given index on that the service has and keeps, oldest first. */
  *ingested(fromIndex: number, now = Date.now()): Generator<Fragment> {
    const count = this.#timeline.ingestedCount(now);
    for (let index = Math.max(fromIndex, this.#oldestIndex(now)); index < count; index++) {
      const fragment = this.#timeline.fragment(index);
      if (this.#wasSent(fragment)) yield fragment;
    }
  }

  /** The newest `count` fragments, oldest first. */
  recent(count: number, now = Date.now()): Fragment[] {
    const fragments: Fragment[] = [];
    const oldest = this.#oldestIndex(now);
    for (let index = this.#timeline.ingestedCount(now) - 1; index >= oldest && fragments.length < count; index--) {
      const fragment = this.#timeline.fragment(index);
      if (this.#wasSent(fragment)) fragments.unshift(fragment);
    }
    return fragments;
  }

  /** Fragments that start in the range, oldest first. */
  *range({ clock, startMs, endMs }: TimeRange, now = Date.now()): Generator<Fragment> {
    for (const fragment of this.ingested(this.#timeline.firstIndex(startMs, clock), now)) {
      if (fragment.startMs[clock] > endMs) return;
      yield fragment;
    }
  }

  find(number: string, now = Date.now()): Fragment | undefined {
    const index = fragmentIndex(number);
    if (index === undefined || index >= this.#timeline.ingestedCount(now) || index < this.#oldestIndex(now)) return undefined;
    const fragment = this.#timeline.fragment(index);
    return fragment.number === number && this.#wasSent(fragment) ? fragment : undefined;
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

  #oldestIndex(now: number): number {
    return this.#timeline.firstIndex(now - this.description.retentionHours * HOUR_MS, "server");
  }

  #wasSent({ ingestedAt }: Fragment): boolean {
    return !this.#offline.some(({ from, to }) => ingestedAt >= from && ingestedAt < to);
  }
}
