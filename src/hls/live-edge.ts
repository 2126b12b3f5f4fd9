import { compareFragments, type FragmentRef } from "../core/fragment.js";
import { leisurelyBeat, nextBeat, reloadDelay, type Beat } from "./schedule.js";

const LOADS_KEPT = 4;

/** Where the newest fragment of a live list is, and how long ago it came: when to look again, and how far behind a frame is. */
export class LiveEdge {
  #newest: FragmentRef | undefined;
  #beat: Beat | undefined;
  /** The latest start that was listed, which need not be the newest fragment's, less the time at which it was. */
  #latestLeadMs = -Infinity;
  #lastNewsAt: number;
  /** When the list was loaded, the last time last. */
  #loads: readonly number[] = [];
  #isNews = false;
  #checkedStillAt: number;

  /**
   * @param isLeisurely see {@link ReloadState}
   * @param now milliseconds of a clock that only goes forward, as the system's does not
   */
  constructor(
    private readonly isLeisurely = false,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#lastNewsAt = this.#checkedStillAt = now();
  }

  /** A list was loaded, oldest first. */
  note(listed: readonly FragmentRef[]): void {
    const now = this.now();
    const before = this.#loads.at(-1);
    this.#loads = [...this.#loads.slice(1 - LOADS_KEPT), now];
    for (const { startMs } of listed) this.#latestLeadMs = Math.max(this.#latestLeadMs, startMs - now);
    const [newest, last] = [this.#newest, listed.at(-1)];
    this.#isNews = last !== undefined && (newest === undefined || compareFragments(last, newest) > 0);
    if (!this.#isNews) return;
    if (newest !== undefined && before !== undefined) {
      const news = listed.filter((fragment) => compareFragments(fragment, newest) > 0);
      const next = this.isLeisurely ? leisurelyBeat : nextBeat;
      this.#beat = next(this.#beat, { fromMs: before, toMs: now }, news.reduce((sum, { durationMs }) => sum + durationMs, 0));
    }
    this.#newest = last;
    this.#lastNewsAt = now;
  }

  /** How long nothing new was listed, milliseconds; 0 when the last load brought something. */
  get idleMs(): number {
    return this.#isNews ? 0 : Math.max(1, this.now() - this.#lastNewsAt);
  }

  /** Whether nothing new came for this long and for two fragments' time; if so, not again before that has passed once more. */
  standsStill(afterMs: number): boolean {
    const limitMs = Math.max(afterMs, 2 * (this.#newest?.durationMs ?? 0));
    const isStill = this.now() - Math.max(this.#lastNewsAt, this.#checkedStillAt) > limitMs;
    if (isStill) this.#checkedStillAt = this.now();
    return isStill;
  }

  reloadDelay(): number {
    return reloadDelay({ beat: this.#beat, newestDurationMs: this.#newest?.durationMs ?? 0, loads: this.#loads, newsAt: this.#lastNewsAt, isLeisurely: this.isLeisurely }, this.now());
  }

  /** The latest start of a fragment that may exist by now: Unix epoch, milliseconds, on the camera's clock. */
  get latestMs(): number {
    return this.now() + this.#latestLeadMs + (this.#newest?.durationMs ?? 0);
  }

  /** How far a capture time lies behind the start of the newest fragment that was listed, milliseconds. */
  lagOf(capturedAt: number): number {
    return this.#newest === undefined ? 0 : this.#newest.startMs - capturedAt;
  }

  /** Whether it may by now lie further behind than that: one more fragment than the time since the last load tells may be listed. */
  mayLag(capturedAt: number, maxLagMs: number): boolean {
    const unseenMs = this.now() - (this.#loads.at(-1) ?? this.now()) + Math.min(this.#newest?.durationMs ?? 0, maxLagMs / 2);
    return this.lagOf(capturedAt) + unseenMs > maxLagMs;
  }
}
