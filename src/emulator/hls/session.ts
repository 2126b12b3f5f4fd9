import type { Camera } from "../camera/camera.js";
import type { TimeRange } from "../camera/recording.js";
import type { Fragment } from "../camera/timeline.js";
import { archiveFeed, liveFeed, replayFeed, type Feed } from "./feeds.js";
import { PlaylistWindow, type DiscontinuityMode, type Segment } from "./window.js";

export type PlaybackMode = "LIVE" | "LIVE_REPLAY" | "ON_DEMAND";

/** How a playlist strays from what it should be. */
export interface Astray {
  /** It lists what it listed then. */
  readonly asOf?: number;
  /** All but its newest fragment have slid out. */
  readonly isSlidOut?: boolean;
}

export interface SessionOptions {
  readonly mode: PlaybackMode;
  /** Unbounded in LIVE; its clock says which times the session shows. */
  readonly range: TimeRange;
  readonly expiresAt: number;
  readonly maxFragments: number;
  readonly discontinuity: DiscontinuityMode;
  readonly showTimestamps: boolean;
}

/** One streaming session: a token, and what its playlists have listed so far. */
export class Session {
  /** The first fragment ever listed: where a session-relative timeline begins. */
  readonly first: Fragment | undefined;
  isEnded = false;
  /** A fragment of each init sequence number. */
  readonly #inits = new Map<number, Fragment>();
  readonly #window: PlaylistWindow;
  readonly #feed: Feed;

  constructor(
    /** Count of the sessions opened before. */
    readonly index: number,
    readonly token: string,
    readonly camera: Camera,
    readonly options: SessionOptions,
    readonly openedAt: number,
  ) {
    this.#window = new PlaylistWindow(options.maxFragments, options.range.clock, options.discontinuity);
    this.#feed = openFeed(camera, options, openedAt);
    this.first = this.segments(openedAt)[0]?.fragment;
  }

  isAlive(now: number): boolean {
    return !this.isEnded && now < this.options.expiresAt;
  }

  /** What the playlist lists now. */
  segments(now: number, { asOf = now, isSlidOut = false }: Astray = {}): readonly Segment[] {
    for (const fragment of this.#feed(asOf)) {
      this.#window.append(fragment);
      const sequence = this.#window.segments.at(-1)?.initSequence ?? 0;
      this.#inits.set(sequence, fragment);
    }
    if (isSlidOut) this.#window.slideTo(1);
    return this.#window.segments;
  }

  /** How many segments have slid out of the playlist. */
  get removed(): number {
    return this.#window.removed;
  }

  /** A fragment that goes with the init segment of that sequence number. */
  fragmentOfInit(sequence: number): Fragment | undefined {
    return this.#inits.get(sequence);
  }
}

function openFeed(camera: Camera, { mode, range, maxFragments }: SessionOptions, now: number): Feed {
  switch (mode) {
    case "LIVE":
      return liveFeed(camera, maxFragments);
    case "LIVE_REPLAY":
      return replayFeed(camera, range, maxFragments, now);
    case "ON_DEMAND":
      return archiveFeed(camera, range, maxFragments);
  }
}
