import { setTimeout as sleep } from "node:timers/promises";
import { HLSStreamError } from "../core/errors.js";
import { compareFragments, type FragmentRef } from "../core/fragment.js";
import type { SessionUrl } from "../core/session-url.js";
import type { ListedFragment, MediaPlaylist } from "./playlist.js";
import type { SessionReader } from "./reader.js";
import { reloadDelay } from "./schedule.js";
import { gapBefore, positionAfter, selectFragments, type Gap, type Position } from "./selection.js";

/** Where sessions come from. */
export interface SessionSupply {
  /** The session to use now; a new one when the last nears its end. */
  acquire(signal: AbortSignal): Promise<SessionUrl>;
  /** The service refused this session: it must not be supplied again. */
  reportExpired(session: SessionUrl): void;
}

export interface FollowOptions {
  readonly sessions: SessionSupply;
  readonly reader: SessionReader;
  /** Where to go on; undefined: begin with the newest fragment. */
  readonly position: Position | undefined;
  /** Skip to the newest fragment when more than this behind it, milliseconds; undefined: never. */
  readonly maxLagMs: number | undefined;
  readonly signal: AbortSignal;
  readonly onGap: (gap: Gap) => void;
  /** A fragment could not be had although it was tried more than once. */
  readonly onLost: (fragment: FragmentRef, error: HLSStreamError) => void;
  /** Called after each load of the list that brings nothing new, with the milliseconds since one did; may throw to end it all. */
  readonly onIdle: (idleMs: number) => void;
}

/** A fragment as fetched. */
export interface FetchedFragment {
  readonly ref: FragmentRef;
  /** The init segment it needs; the same Buffer for as long as the bytes are the same. */
  readonly init: Buffer;
  readonly body: Buffer;
  /** Unix epoch, milliseconds. */
  readonly receivedAt: number;
}

/** So many fragments in a row that cannot be had are the connection's fault, not theirs. */
const MAX_LOST_IN_A_ROW = 3;
/** With a slow consumer the list ages while fragments of it are taken; how far behind we are, only a fresh one tells. */
const LIST_IS_FRESH_MS = 1000;
/** A new session that is refused like the last one was did not end before its time: something else is wrong. */
const MAX_REFUSED_IN_A_ROW = 3;

/** Follows a live stream from session to session and yields each fragment once, in the order of ingest. */
export class Follower {
  #position: Position | undefined;
  #newest: { readonly fragment: FragmentRef; readonly seenAt: number | undefined } | undefined;
  #unchangedLoads = 0;
  #lastNewsAt = Date.now();
  #lostInARow = 0;
  #refusedInARow = 0;

  constructor(private readonly options: FollowOptions) {
    this.#position = options.position;
  }

  /** @throws HLSStreamError, what the session supply throws, or the signal's reason */
  async *fragments(): AsyncGenerator<FetchedFragment> {
    const { sessions, reader, maxLagMs, signal } = this.options;
    for (;;) {
      signal.throwIfAborted();
      const session = await sessions.acquire(signal);
      let isBehind = false;
      try {
        const playlist = await reader.playlist(session, signal);
        const loadedAt = Date.now();
        this.#note(playlist);
        for (const fragment of selectFragments(playlist.fragments, this.#position, maxLagMs)) {
          isBehind = Date.now() - loadedAt > LIST_IS_FRESH_MS;
          if (isBehind) break;
          const fetched = await this.#fetch(fragment, playlist);
          if (fetched !== undefined) yield fetched;
        }
        this.#refusedInARow = 0;
        if (playlist.isEnded && !isBehind) return;
      } catch (error) {
        this.#refusedInARow += 1;
        if (!isExpiry(error) || this.#refusedInARow >= MAX_REFUSED_IN_A_ROW) throw error;
        sessions.reportExpired(session);
        continue;
      }
      if (isBehind) continue;
      await sleep(this.#reloadDelay(), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  #note({ fragments }: MediaPlaylist): void {
    const last = fragments.at(-1);
    const isNews = last !== undefined && (this.#newest === undefined || compareFragments(last, this.#newest.fragment) > 0);
    if (isNews) {
      this.#newest = { fragment: last, seenAt: this.#newest === undefined ? undefined : Date.now() };
      this.#unchangedLoads = 0;
      this.#lastNewsAt = Date.now();
    } else {
      this.#unchangedLoads += 1;
      this.options.onIdle(Date.now() - this.#lastNewsAt);
    }
  }

  /** @returns undefined for a fragment that is lost */
  async #fetch(fragment: ListedFragment, { fragments }: MediaPlaylist): Promise<FetchedFragment | undefined> {
    const { reader, signal, onGap, onLost } = this.options;
    const gap = gapBefore(fragment, this.#position, fragments);
    const { number, startMs, durationMs } = fragment;
    const ref: FragmentRef = { number, startMs, durationMs };
    try {
      const init = await reader.init(fragment, signal);
      const { body, receivedAt } = await reader.fragment(fragment, signal);
      this.#lostInARow = 0;
      this.#refusedInARow = 0;
      if (gap !== undefined) onGap(gap);
      this.#position = positionAfter(ref);
      return { ref, init, body, receivedAt };
    } catch (error) {
      if (!(error instanceof HLSStreamError) || isExpiry(error)) throw error;
      this.#lostInARow += 1;
      if (this.#lostInARow >= MAX_LOST_IN_A_ROW) throw error;
      if (gap !== undefined) onGap(gap);
      this.#position = positionAfter(ref);
      onLost(ref, error);
      return undefined;
    }
  }

  #reloadDelay(): number {
    const state = { newestSeenAt: this.#newest?.seenAt, newestDurationMs: this.#newest?.fragment.durationMs ?? 0, unchangedLoads: this.#unchangedLoads };
    return reloadDelay(state, Date.now());
  }
}

const isExpiry = (error: unknown): boolean => error instanceof HLSStreamError && error.code === "SESSION_EXPIRED";
