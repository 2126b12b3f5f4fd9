import { KVSConnectionError } from "../core/errors.js";
import type { EventListener } from "../core/events.js";

/** Silence that is worth a word, milliseconds. */
const WORTH_A_WORD_MS = 15_000;

/** How long a camera has sent nothing, when to say so, and when to stop waiting for it. */
export class Patience {
  #lastMediaAt = Date.now();
  #isTold = false;

  constructor(
    /** Milliseconds; undefined: for ever. */
    private readonly waitMs: number | undefined,
    private readonly emit: EventListener,
  ) {}

  /** Media came. */
  renew(): void {
    this.#lastMediaAt = Date.now();
    this.#isTold = false;
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
    const idleMs = Date.now() - this.#lastMediaAt;
    if (this.waitMs !== undefined && idleMs >= this.waitMs) {
      const waited = `waited ${Math.round(idleMs / 1000)} s, as long as allowed`;
      throw new KVSConnectionError(`${reason ?? "the camera sends nothing new"}; ${waited}`, { code: "NO_MEDIA" });
    }
    if (this.#isTold || (reason === undefined && idleMs < WORTH_A_WORD_MS)) return;
    this.#isTold = true;
    this.emit({ type: "waiting", reason: reason ?? "the camera sends nothing new", sinceMs: this.#lastMediaAt });
  }
}
