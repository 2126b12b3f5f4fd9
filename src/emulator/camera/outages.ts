/** Times during which a camera sends nothing. */
export class Outages {
  readonly #intervals: { readonly from: number; to: number }[] = [];

  add(from: number, to = Infinity): void {
    this.#intervals.push({ from, to });
  }

  /** Ends those that have begun and have no end. */
  end(now: number): void {
    for (const outage of this.#intervals) {
      if (outage.to === Infinity && outage.from <= now) outage.to = now;
    }
  }

  covers(time: number): boolean {
    return this.#intervals.some(({ from, to }) => time >= from && time < to);
  }
}
