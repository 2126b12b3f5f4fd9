/** Fragments may overlap by seconds; one that lies further back is of a camera whose clock was set back, milliseconds. */
const SET_BACK_MS = 10_000;

/**
 * Picks pictures by capture time on a fixed grid: for each tick the first picture at or after it, at most one a tick. The grid
 * counts from the Unix epoch, so that a restart, a second reader and another camera all pick at the same moments.
 */
export class TickGrid {
  #last: number | undefined;

  /**
   * @param fps ticks a second
   * @param lastPicked capture time of the last picture delivered, milliseconds; undefined at the start
   */
  constructor(
    private readonly fps: number,
    lastPicked?: number,
  ) {
    this.#last = lastPicked === undefined ? undefined : this.#tick(lastPicked);
  }

  /**
   * Picks from the pictures of the next fragment.
   * @param times their capture times in order of presentation, milliseconds
   * @returns indexes into `times`
   */
  pick(times: readonly number[]): number[] {
    if (this.#isSetBack(times)) this.#last = undefined;
    this.#last ??= this.#startingPoint(times);
    const picked: number[] = [];
    for (const [index, time] of times.entries()) {
      const tick = this.#tick(time);
      if (tick <= this.#last) continue;
      this.#last = tick;
      picked.push(index);
    }
    return picked;
  }

  #isSetBack(times: readonly number[]): boolean {
    return this.#last !== undefined && (times.at(-1) ?? Infinity) < (this.#last * 1000) / this.fps - SET_BACK_MS;
  }

  /**
   * Whoever joins in the middle of a tick must not take a later picture for its first one, so picking begins at the next tick;
   * but not if the picture before, were it as far away as the one after, would belong to an earlier tick, nor if the next tick
   * lies beyond this fragment, for waiting would leave a sparse grid empty for long.
   */
  #startingPoint([first = 0, second = first, ...rest]: readonly number[]): number {
    const tick = this.#tick(first);
    const isFirstOfTick = this.#tick(2 * first - second) < tick;
    const isOnlyTick = this.#tick(rest.at(-1) ?? second) === tick;
    return isFirstOfTick || isOnlyTick ? tick - 1 : tick;
  }

  /** Capture times are whole milliseconds, so a picture may seem to be up to half of one ahead of its tick. */
  #tick(time: number): number {
    return Math.floor(((time + 0.5) * this.fps) / 1000);
  }
}
