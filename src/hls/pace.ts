import { setTimeout as sleep } from "node:timers/promises";

/** A second, and a little more: what leaves us a second apart may arrive closer together. */
const WINDOW_MS = 1100;

/** Lets so many requests begin in any one second, and has the others wait for their turn. */
export class Pace {
  /** When the latest requests began or will begin, at most `perSecond` of them, oldest first. */
  readonly #starts: number[] = [];

  constructor(private readonly perSecond: number) {}

  /**
   * Takes the next turn.
   * @param now any clock that only goes forward, milliseconds
   * @returns how long to wait for it, milliseconds
   */
  take(now: number): number {
    const oldest = this.#starts.length < this.perSecond ? undefined : this.#starts.shift();
    const start = Math.max(now, (oldest ?? -Infinity) + WINDOW_MS);
    this.#starts.push(start);
    return start - now;
  }

  /** @throws the signal's reason */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const delayMs = this.take(performance.now());
    if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
