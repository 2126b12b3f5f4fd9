import { KVSConnectionError } from "../core/errors.js";
import type { EventListener } from "../core/events.js";

/** Silence that is worth a word, milliseconds. */
const WORTH_A_WORD_MS = 10_000;
/** How long media may come of which no frame can be made before it is reported, and until it is reported again, milliseconds. */
const UNUSABLE_MS = 4000;
const AGAIN_MS = 60_000;
const NOTHING_NEW = "the camera sends nothing new";

/** How long a camera has sent nothing, when to say so, and when to stop waiting for it. */
export class Patience {
  #lastMediaAt = Date.now();
  #isTold = false;
  /** Fragments since then of which no frame could be made, and when that was reported last. */
  #unusable = 0;
  #unusableToldAt = -Infinity;

  constructor(
    /** Milliseconds; undefined: for ever. */
    private readonly waitMs: number | undefined,
    private readonly emit: EventListener,
  ) {}

  /** Media came. */
  renew(): void {
    this.#lastMediaAt = Date.now();
    this.#isTold = false;
    this.#unusable = 0;
    this.#unusableToldAt = -Infinity;
  }

  /** How long to wait yet, milliseconds. */
  get leftMs(): number {
    return this.waitMs === undefined ? Infinity : Math.max(0, this.#lastMediaAt + this.waitMs - Date.now());
  }

  /**
   * Nothing came.
   * @param reason to tell at once; undefined: tell of the silence when it has lasted
   * @throws KVSConnectionError NO_MEDIA, not retryable, when the wait is over
   */
  strain(reason?: string): void {
    const idleMs = this.#idleMs(reason);
    if (this.#isTold || (reason === undefined && idleMs < WORTH_A_WORD_MS)) return;
    this.#isTold = true;
    this.emit({ type: "waiting", reason: reason ?? NOTHING_NEW, sinceMs: this.#lastMediaAt });
  }

  /**
   * Media came of which no frame could be made. Reports that when it has lasted for some seconds, and each minute from then on.
   * @throws KVSConnectionError NO_MEDIA, not retryable, when the wait is over
   */
  disappoint(error: Error): void {
    const idleMs = this.#idleMs(error.message);
    this.#unusable += 1;
    const now = Date.now();
    if (idleMs < UNUSABLE_MS || now - this.#unusableToldAt < AGAIN_MS) return;
    this.#unusableToldAt = now;
    this.emit({ type: "waiting", reason: error.message, sinceMs: this.#lastMediaAt, unusable: this.#unusable });
  }

  #idleMs(reason = NOTHING_NEW): number {
    const idleMs = Date.now() - this.#lastMediaAt;
    if (this.waitMs === undefined || idleMs < this.waitMs) return idleMs;
    throw new KVSConnectionError(`${reason}; waited ${Math.round(idleMs / 1000)} s, as long as allowed`, { code: "NO_MEDIA" });
  }
}
