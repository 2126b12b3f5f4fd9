import { fragmentIndex, fragmentNumber } from "./number.js";
import { wholeMs, type Clock, type Fragment, type IndexRange, type Timeline } from "./timeline.js";

export interface TimeRange {
  readonly clock: Clock;
  /** Both compared with a fragment's start, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Old fragments that are sent once more, one after each live fragment. */
interface Resend {
  /** Live index after which the first is sent. */
  readonly after: number;
  /** Index of the first, as it was sent for the first time. */
  readonly source: number;
  readonly count: number;
}

/** All that a camera would have sent had it never been offline, in order of ingest. */
export class Recording {
  readonly #resends: Resend[] = [];

  constructor(readonly timeline: Timeline) {}

  /** From `atMs` on, what was captured in [fromMs, toMs) of true time is sent again. */
  resend(atMs: number, fromMs: number, toMs: number): void {
    const after = this.timeline.ingestedCount(atMs);
    const source = Math.min(after, this.timeline.capturedCount(fromMs));
    this.#resends.push({ after, source, count: Math.max(0, this.timeline.capturedCount(toMs) - source) });
  }

  /** A live fragment, then what is sent again before the next one. */
  *at(index: number): Generator<Fragment> {
    yield this.timeline.fragment(index);
    for (const [i, { after, count }] of this.#resends.entries()) {
      if (index >= after && index < after + count) yield this.#again(i, index);
    }
  }

  find(number: string): Fragment | undefined {
    const index = fragmentIndex(number);
    return index === undefined ? undefined : [...this.at(index)].find((fragment) => fragment.number === number);
  }

  /** Where all fragments of a range are, among others, in order and without overlap. */
  indexRanges({ clock, startMs, endMs }: TimeRange): IndexRange[] {
    const live: IndexRange[] = clock === "producer" ? this.timeline.producerRanges(startMs, endMs) : [[this.timeline.firstIndex(startMs), this.timeline.firstIndex(endMs + 1)]];
    const again = this.#resends.map(({ after, count }): IndexRange => [after, after + count]);
    let end = 0;
    return [...live, ...again].sort(([a], [b]) => a - b).map(([from, to]) => {
      const range: IndexRange = [Math.max(from, end), to];
      end = Math.max(end, to);
      return range;
    });
  }

  /** Halfway between two live fragments, or further where more are sent again there: numbers grow with ingest. */
  #again(i: number, index: number): Fragment {
    const { after, source } = this.#resends[i] as Resend;
    const [original, before, next] = [source + index - after, index, index + 1].map((each) => this.timeline.fragment(each)) as [Fragment, Fragment, Fragment];
    const between = (a: number, b: number) => a + ((b - a) * (i + 1)) / (i + 2);
    const exactMs = { producer: original.exactMs.producer, server: between(before.exactMs.server, next.exactMs.server) };
    return {
      ...original,
      index,
      number: fragmentNumber(exactMs.server, index),
      exactMs,
      startMs: wholeMs(exactMs),
      ingestedAt: between(before.ingestedAt, next.ingestedAt),
      initRevision: before.initRevision,
    };
  }
}
