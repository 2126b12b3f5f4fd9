import { compareFragments, type FragmentRef } from "../core/fragment.js";

/** A stretch of capture time: Unix epoch, milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What tells footage from other footage of the same time: the same for the same footage under another number. */
export interface Fingerprint {
  /** Of its first picture and its sample table. */
  readonly beginning: string;
  /** Of all its pictures; undefined where not all were fetched. */
  readonly whole: string | undefined;
}

interface Taken {
  readonly ref: FragmentRef;
  readonly fingerprint: Fingerprint;
}

const NOT_READ: Fingerprint = { beginning: "", whole: "" };
/** An hour of footage and more. */
const REMEMBERED = 2000;
/** What is shorter than this is no hole: the service itself calls it continuous, milliseconds. */
const NO_HOLE_MS = 50;

/**
 * Which capture times were taken already. A camera that comes back may send old footage once more, under new fragment
 * numbers; one whose clock is set back covers the same times twice, with other pictures. Only the first is a repetition.
 */
export class Coverage {
  #taken: Taken[] = [];
  /** Gaps, so that footage of another time in between does not make them gaps twice. */
  #missed: Stretch[] = [];

  add(ref: FragmentRef, fingerprint: Fingerprint): void {
    this.#taken.push({ ref, fingerprint });
    if (this.#taken.length > 2 * REMEMBERED) this.#taken = this.#taken.slice(-REMEMBERED);
  }

  /** Nothing of it was wanted: no repetition of anything, and no gap either. */
  pass(ref: FragmentRef): void {
    this.add(ref, NOT_READ);
  }

  /** What was taken after this fragment never reached the user and will be taken again; undefined: nothing did. */
  forgetAfter(last: FragmentRef | undefined): void {
    this.#taken = last === undefined ? [] : this.#taken.filter(({ ref }) => compareFragments(ref, last) <= 0);
    this.#missed = last === undefined ? [] : this.#missed.filter(({ fromMs }) => fromMs <= last.startMs);
  }

  isRepeat({ number, startMs }: FragmentRef, fingerprint: Fingerprint): boolean {
    return this.#taken.some(({ ref, fingerprint: known }) => ref.startMs === startMs && ref.number !== number && isSame(known, fingerprint));
  }

  /** The parts of a stretch of which nothing was taken, in order; each is given once. */
  missingFrom({ fromMs, toMs }: Stretch): Stretch[] {
    const taken = this.#taken.map(({ ref }): Stretch => ({ fromMs: ref.startMs, toMs: ref.startMs + ref.durationMs }));
    const known = [...taken, ...this.#missed].filter((other) => other.fromMs < toMs && other.toMs > fromMs).sort((a, b) => a.fromMs - b.fromMs);
    const between: Stretch[] = [];
    let at = fromMs;
    for (const other of known) {
      between.push({ fromMs: at, toMs: other.fromMs });
      at = Math.max(at, other.toMs);
    }
    between.push({ fromMs: at, toMs });
    const missing = between.filter((stretch) => stretch.toMs - stretch.fromMs > NO_HOLE_MS);
    this.#missed = [...this.#missed, ...missing].slice(-REMEMBERED);
    return missing;
  }
}

/** Where both are known as a whole, that decides: one of the two may have been damaged on its way. */
function isSame(a: Fingerprint, b: Fingerprint): boolean {
  return a.whole !== undefined && b.whole !== undefined ? a.whole === b.whole : a.beginning === b.beginning;
}
