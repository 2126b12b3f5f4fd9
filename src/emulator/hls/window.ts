import type { Clock, Fragment } from "../camera/timeline.js";

export type DiscontinuityMode = "ALWAYS" | "NEVER" | "ON_DISCONTINUITY";

/** A fragment's place in a session's playlist. */
export interface Segment {
  readonly fragment: Fragment;
  /** How many changes of the init segment the session has seen up to here. */
  readonly initSequence: number;
  readonly isDiscontinuous: boolean;
}

/** Service's tolerance between the end of a fragment and the start of the next. */
const DISCONTINUITY_MS = 50;

/** What a session lists at the moment: the newest fragments of those it was fed. */
export class PlaylistWindow {
  readonly #segments: Segment[] = [];
  #newest: Segment | undefined;
  #removed = 0;

  constructor(
    private readonly size: number,
    private readonly clock: Clock,
    private readonly mode: DiscontinuityMode,
  ) {}

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** How many segments have slid out. */
  get removed(): number {
    return this.#removed;
  }

  append(fragment: Fragment): void {
    const last = this.#newest;
    const initSequence = last === undefined ? 0 : last.initSequence + Number(!hasSameInit(last.fragment, fragment));
    this.#newest = { fragment, initSequence, isDiscontinuous: this.#isDiscontinuous(last?.fragment, fragment) };
    this.#segments.push(this.#newest);
    this.slideTo(this.size);
  }

  /** Lets the oldest go, until so many are left. */
  slideTo(size: number): void {
    while (this.#segments.length > size) {
      this.#segments.shift();
      this.#removed++;
    }
  }

  #isDiscontinuous(last: Fragment | undefined, next: Fragment): boolean {
    if (this.mode !== "ON_DISCONTINUITY") return this.mode === "ALWAYS";
    if (last === undefined) return false;
    if (next.clip.isDiscontinuous) return true;
    const gap = next.exactMs[this.clock] - last.exactMs[this.clock] - last.durationMs;
    return Math.abs(gap) > DISCONTINUITY_MS;
  }
}

const hasSameInit = (a: Fragment, b: Fragment): boolean => a.clip.part === b.clip.part && a.initRevision === b.initRevision;
