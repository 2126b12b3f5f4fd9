import { compareFragments, type FragmentRef } from "../core/fragment.js";
import { reloadDelay } from "./schedule.js";

/** Where the newest fragment of a live list is, and how long ago it came: when to look again, and how far behind a frame is. */
export class LiveEdge {
  #newest: FragmentRef | undefined;
  /** When the newest fragment appeared; undefined while that is not known, as after the first load. */
  #seenAt: number | undefined;
  /** The latest start that was listed, which need not be the newest fragment's, less the time at which it was. */
  #latestLeadMs = -Infinity;
  #lastNewsAt = Date.now();
  #loadedAt = Date.now();
  #unchangedLoads = 0;
  #isNews = false;
  #checkedStillAt = Date.now();

  /** A list was loaded, oldest first. */
  note(listed: readonly FragmentRef[]): void {
    this.#loadedAt = Date.now();
    for (const { startMs } of listed) this.#latestLeadMs = Math.max(this.#latestLeadMs, startMs - this.#loadedAt);
    const last = listed.at(-1);
    this.#isNews = last !== undefined && (this.#newest === undefined || compareFragments(last, this.#newest) > 0);
    if (!this.#isNews) {
      this.#unchangedLoads += 1;
      return;
    }
    this.#seenAt = this.#newest === undefined ? undefined : Date.now();
    this.#newest = last;
    this.#lastNewsAt = Date.now();
    this.#unchangedLoads = 0;
  }

  /** How long nothing new was listed, milliseconds; 0 when the last load brought something. */
  get idleMs(): number {
    return this.#isNews ? 0 : Math.max(1, Date.now() - this.#lastNewsAt);
  }

  /** Whether nothing new came for this long and for two fragments' time; if so, not again before that has passed once more. */
  standsStill(afterMs: number): boolean {
    const limitMs = Math.max(afterMs, 2 * (this.#newest?.durationMs ?? 0));
    const isStill = Date.now() - Math.max(this.#lastNewsAt, this.#checkedStillAt) > limitMs;
    if (isStill) this.#checkedStillAt = Date.now();
    return isStill;
  }

  reloadDelay(): number {
    return reloadDelay({ newestSeenAt: this.#seenAt, newestDurationMs: this.#newest?.durationMs ?? 0, unchangedLoads: this.#unchangedLoads }, Date.now());
  }

  /** The latest start of a fragment that may exist by now: Unix epoch, milliseconds, on the camera's clock. */
  get latestMs(): number {
    return Date.now() + this.#latestLeadMs + (this.#newest?.durationMs ?? 0);
  }

  /** How far a capture time lies behind the start of the newest fragment that was listed, milliseconds. */
  lagOf(capturedAt: number): number {
    return this.#newest === undefined ? 0 : this.#newest.startMs - capturedAt;
  }

  /** Whether it may by now lie further behind than that: one more fragment than the time since the last load tells may be listed. */
  mayLag(capturedAt: number, maxLagMs: number): boolean {
    const unseenMs = Date.now() - this.#loadedAt + Math.min(this.#newest?.durationMs ?? 0, maxLagMs / 2);
    return this.lagOf(capturedAt) + unseenMs > maxLagMs;
  }
}
