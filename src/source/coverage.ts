import { compareFragments, type FragmentRef } from "../core/fragment.js";

/** A stretch of capture time: Unix epoch, milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Taken {
  readonly ref: FragmentRef;
  readonly fingerprint: string;
}

/** Some hours of footage. */
const REMEMBERED = 5000;
/** What is shorter than this is no hole: the service itself calls it continuous, milliseconds. */
const NO_HOLE_MS = 50;

/**
 * Which capture times were taken already. A camera that comes back may send old footage once more, under new fragment
 * numbers; one whose clock is set back covers the same times twice, with other pictures. Only the first is a repetition.
 */
export class Coverage {
  #taken: Taken[] = [];

  /** @param fingerprint of the coded pictures: the same footage has the same, whatever its number */
  add(ref: FragmentRef, fingerprint: string): void {
    this.#taken.push({ ref, fingerprint });
    if (this.#taken.length > 2 * REMEMBERED) this.#taken = this.#taken.slice(-REMEMBERED);
  }

  /** What was taken after this fragment never reached the user and will be taken again; undefined: nothing did. */
  forgetAfter(last: FragmentRef | undefined): void {
    this.#taken = last === undefined ? [] : this.#taken.filter(({ ref }) => compareFragments(ref, last) <= 0);
  }

  isRepeat({ number, startMs }: FragmentRef, fingerprint: string): boolean {
    return this.#taken.some(({ ref, fingerprint: known }) => ref.startMs === startMs && ref.number !== number && known === fingerprint);
  }

  /** The parts of a stretch of which nothing was taken, in order. */
  missingFrom({ fromMs, toMs }: Stretch): Stretch[] {
    const inside = this.#taken.map(({ ref }) => ref).filter(({ startMs, durationMs }) => startMs < toMs && startMs + durationMs > fromMs);
    const missing: Stretch[] = [];
    let at = fromMs;
    for (const { startMs, durationMs } of inside.sort((a, b) => a.startMs - b.startMs)) {
      missing.push({ fromMs: at, toMs: startMs });
      at = Math.max(at, startMs + durationMs);
    }
    missing.push({ fromMs: at, toMs });
    return missing.filter((stretch) => stretch.toMs - stretch.fromMs > NO_HOLE_MS);
  }
}
