/** Fragments may overlap by seconds; one that lies further back is of a camera whose clock was set back, milliseconds. */
const SET_BACK_MS = 10_000;

/**
 * Picks pictures by capture time on a fixed grid: for each tick the first picture at or after it, at most one a tick. The grid
 * counts from the Unix epoch, so that a restart, a second reader and another camera all pick at the same moments.
 */
export class TickGrid {
  /** The tick that was taken last; undefined at the start. */
  last: number | undefined;

  /**
   * @param fps ticks a second
   * @param lastPicked capture time of the last picture delivered, milliseconds; undefined at the start
   */
  constructor(
    readonly fps: number,
    lastPicked?: number,
  ) {
    this.last = lastPicked === undefined ? undefined : this.tickOf(lastPicked);
  }

  /** Milliseconds between ticks. */
  get intervalMs(): number {
    return 1000 / this.fps;
  }

  /**
   * Picks from the pictures of the next fragment, and takes their ticks.
   * @param times their capture times in order of presentation, milliseconds
   * @returns indexes into `times`
   */
  pick(times: readonly number[]): number[] {
    const { picked, last } = this.look(times, this.last);
    this.last = last;
    return picked;
  }

  /** What would be picked, and which tick would then be the last, were it `last` before. */
  look(times: readonly number[], last: number | undefined): { readonly picked: number[]; readonly last: number | undefined } {
    if (times.length === 0) return { picked: [], last };
    let latest = last === undefined || this.#isSetBack(times.at(-1), last) ? this.#startingPoint(times) : last;
    const picked: number[] = [];
    for (const [index, time] of times.entries()) {
      const tick = this.tickOf(time);
      if (tick <= latest) continue;
      latest = tick;
      picked.push(index);
    }
    return { picked, last: latest };
  }

  /** Whether a tick falls into a range of time, its end excluded. */
  hasTick(fromMs: number, toMs: number): boolean {
    return this.tickOf(toMs - 1) > this.tickOf(fromMs - 1);
  }

  /** Whether pictures up to a capture time may hold one to pick, were `last` the tick taken before them. */
  isDue(untilMs: number, last: number | undefined): boolean {
    return last === undefined || this.#isSetBack(untilMs, last) || this.tickOf(untilMs) > last;
  }

  /** Capture times are whole milliseconds, so a picture may seem to be up to half of one ahead of its tick. */
  tickOf(time: number): number {
    return Math.floor(((time + 0.5) * this.fps) / 1000);
  }

  #isSetBack(time = Infinity, last: number): boolean {
    return time < last * this.intervalMs - SET_BACK_MS;
  }

  /**
   * Whoever joins in the middle of a tick must not take a later picture for its first one, so picking begins at the next tick;
   * but not if the picture before, were it as far away as the one after, would belong to an earlier tick, nor if the next tick
   * lies beyond this fragment, for waiting would leave a sparse grid empty for long.
   */
  #startingPoint([first = 0, second = first, ...rest]: readonly number[]): number {
    const tick = this.tickOf(first);
    const isFirstOfTick = this.tickOf(2 * first - second) < tick;
    const isOnlyTick = this.tickOf(rest.at(-1) ?? second) === tick;
    return isFirstOfTick || isOnlyTick ? tick - 1 : tick;
  }
}
