/** A scrape every 15 s, as Prometheus does by default, misses none. */
const WINDOW_MS = 15_000;

/** The longest lag of the frames of the last 15 to 30 seconds: those of a fragment come at once, and its last one lags least. */
export class RecentLag {
  #since = -Infinity;
  #longest: number | undefined;
  #before: number | undefined;
  #newestCapturedAt: number | undefined;

  /**
   * Notes a frame as delivered.
   * @param capturedAt Unix epoch, milliseconds, as is `now`
   */
  add(capturedAt: number, now: number): void {
    this.#turn(now);
    this.#longest = Math.max(this.#longest ?? -Infinity, now - capturedAt);
    this.#newestCapturedAt = capturedAt;
  }

  /** Milliseconds; where no frame came for as long, how old the newest is. undefined before the first. */
  at(now: number): number | undefined {
    this.#turn(now);
    const recent = [this.#longest, this.#before].filter((lag) => lag !== undefined);
    if (recent.length > 0) return Math.max(...recent);
    return this.#newestCapturedAt === undefined ? undefined : now - this.#newestCapturedAt;
  }

  #turn(now: number): void {
    const passedMs = now - this.#since;
    if (passedMs < WINDOW_MS) return;
    this.#before = passedMs < 2 * WINDOW_MS ? this.#longest : undefined;
    this.#longest = undefined;
    this.#since = now;
  }
}
