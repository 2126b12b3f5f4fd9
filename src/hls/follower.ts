import { setTimeout as sleep } from "node:timers/promises";
import { FrameSourceError } from "../core/errors.js";
import type { GapCause } from "../core/events.js";
import { compareFragments, type FragmentRef } from "../core/fragment.js";
import type { SessionUrl } from "../core/session-url.js";
import { Archive, type ArchiveSupply } from "./archive.js";
import { Cursor, type CursorOptions } from "./cursor.js";
import { isExpiry, type FetchedFragment } from "./fetcher.js";
import { LiveEdge } from "./live-edge.js";
import { mayMissBefore, selectFragments } from "./selection.js";

/** Where live sessions come from. */
export interface SessionSupply {
  /** The session to use now; a new one when the last nears its end. */
  acquire(signal: AbortSignal): Promise<SessionUrl>;
  /** The service refused this session: it must not be supplied again. */
  reportExpired(session: SessionUrl): void;
  /** The list of this session has stood still for long, and a new one may tell why. */
  reportStill(session: SessionUrl): void;
}

/** Without a position it begins with the newest fragment. */
export interface FollowOptions extends CursorOptions {
  readonly sessions: SessionSupply;
  /** To fetch what left the live list before it was read; undefined: skip that. */
  readonly archive: ArchiveSupply | undefined;
  /** How many fragments of the archive to fetch at a time. */
  readonly parallel: number;
  /** Skip to the newest fragment when more than this behind it, milliseconds; undefined: never. */
  readonly maxLagMs: number | undefined;
  /** Fewer loads of the list are worth more than to see each fragment as soon as can be. */
  readonly isLeisurely: boolean;
  /** Called after each load of the list that brings nothing new, with the milliseconds since one did; may throw to end it all. */
  readonly onIdle: (idleMs: number) => void;
}

/** With a slow consumer the list ages while fragments of it are taken; how far behind we are, only a fresh one tells. */
const LIST_IS_FRESH_MS = 1000;
/** With a slow consumer, how often to look whether it is too slow: the list has other readers. */
const LAG_IS_KNOWN_MS = 200;
/** A new session that is refused like the last one was did not end before its time: something else is wrong. */
const MAX_REFUSED_IN_A_ROW = 3;
/** The service opens no live session when nothing came for so long, so that opening one tells a silent camera from a frozen list. */
const STANDS_STILL_MS = 30_000;

/** Follows a live stream from session to session and yields each fragment once, in the order of ingest. */
export class Follower {
  readonly #edge: LiveEdge;
  readonly #archive: Archive | undefined;
  readonly #cursor: Cursor;
  /** The archive was asked for what lies between these: what it does not have is not to be had. */
  #asked: { readonly after: FragmentRef; readonly until: FragmentRef } | undefined;
  #refusedInARow = 0;
  #isSkipping = false;
  #lagCheckedAt = -Infinity;

  constructor(private readonly options: FollowOptions) {
    const { archive, reader, signal, parallel } = options;
    this.#archive = archive && new Archive(archive, { reader, signal, parallel });
    this.#cursor = new Cursor(options);
    this.#edge = new LiveEdge(options.isLeisurely);
  }

  /** Whether a frame lies further behind the newest fragment than is allowed: if it seems so, a fresh list decides. */
  async isLagging(capturedAt: number): Promise<boolean> {
    const { maxLagMs = Infinity, sessions, reader, signal } = this.options;
    const isKnown = Date.now() - this.#lagCheckedAt < LAG_IS_KNOWN_MS;
    if (isKnown || !this.#edge.mayLag(capturedAt, maxLagMs)) return this.#edge.lagOf(capturedAt) > maxLagMs;
    this.#lagCheckedAt = Date.now();
    try {
      const { fragments } = await reader.playlist(await sessions.acquire(signal), signal);
      this.#edge.note(fragments);
    } catch (error) {
      // What is wrong is met again where it is dealt with.
      if (!(error instanceof FrameSourceError)) throw error;
    }
    return this.#edge.lagOf(capturedAt) > maxLagMs;
  }

  /**
   * Passes over all that is listed but the newest fragment.
   * @returns the last fragment that was yielded
   */
  skipAhead(): FragmentRef | undefined {
    this.#isSkipping = true;
    return this.#cursor.position?.fragment;
  }

  /** @throws HLSStreamError, what the session supplies throw, or the signal's reason */
  async *fragments(): AsyncGenerator<FetchedFragment> {
    const { sessions, signal, onIdle } = this.options;
    for (;;) {
      signal.throwIfAborted();
      const session = await sessions.acquire(signal);
      let isOver: boolean | undefined;
      try {
        isOver = yield* this.#readList(session);
        this.#refusedInARow = 0;
      } catch (error) {
        this.#refusedInARow += 1;
        if (!isExpiry(error) || this.#refusedInARow >= MAX_REFUSED_IN_A_ROW) throw error;
        sessions.reportExpired(session);
        continue;
      }
      if (isOver) return;
      if (isOver === undefined) continue;
      if (this.#edge.idleMs > 0) onIdle(this.#edge.idleMs);
      if (this.#edge.standsStill(STANDS_STILL_MS)) sessions.reportStill(session);
      await sleep(this.#edge.reloadDelay(), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /** @returns whether the stream is over; undefined when the list has aged and another should be loaded at once */
  async *#readList(session: SessionUrl): AsyncGenerator<FetchedFragment, boolean | undefined> {
    const { reader, maxLagMs, signal } = this.options;
    const { fragments, isEnded } = await reader.playlist(session, signal);
    const loadedAt = Date.now();
    this.#edge.note(fragments);
    const next = selectFragments(fragments, this.#cursor.position, this.#isSkipping ? 0 : maxLagMs);
    const [first, newest] = [next[0], next.at(-1)];
    if (first === undefined || newest === undefined) return isEnded;
    const isAdjacent = this.#isAdjacent(first, fragments);
    if (this.#archive && !isAdjacent) {
      // Up to the newest, though the others are listed too: by the time the hole is filled the list will have slid on.
      yield* this.#fill(this.#archive, newest);
      return undefined;
    }
    this.#isSkipping = false;
    let cause: GapCause = this.#isPassingOver(first, fragments) ? "lag" : isAdjacent ? "offline" : "window";
    for (const fragment of next) {
      if (this.#isSkipping || Date.now() - loadedAt > LIST_IS_FRESH_MS) return undefined;
      const fetched = await this.#cursor.take(fragment, fragments, cause);
      this.#refusedInARow = 0;
      if (fetched === "later") break;
      if (fetched) yield fetched;
      cause = "offline";
    }
    return isEnded;
  }

  /** Fetches, in order, what lies between the position and a fragment of the live list. */
  async *#fill(archive: Archive, until: FragmentRef): AsyncGenerator<FetchedFragment> {
    const cursor = this.#cursor;
    if (cursor.position === undefined) return;
    cursor.keptSinceMs = await archive.keptSince(cursor.position.untilMs, until);
    for await (const fetched of archive.between(cursor, until, this.#edge.latestMs)) {
      this.#refusedInARow = 0;
      yield fetched;
    }
    this.#asked = { after: cursor.position.fragment, until };
  }

  /** Whether nothing that could be had lies between the position and the fragment. */
  #isAdjacent(first: FragmentRef, listed: readonly FragmentRef[]): boolean {
    const { position } = this.#cursor;
    if (position === undefined) return true;
    const isAsked = this.#asked?.after.number === position.fragment.number && compareFragments(first, this.#asked.until) <= 0;
    return isAsked || !mayMissBefore(first, position, listed);
  }

  /** Whether fragments that are listed are left out. */
  #isPassingOver(first: FragmentRef, listed: readonly FragmentRef[]): boolean {
    const last = this.#cursor.position?.fragment;
    return last !== undefined && listed.some((other) => compareFragments(other, last) > 0 && compareFragments(other, first) < 0);
  }
}
