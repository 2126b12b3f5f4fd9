import { HLSStreamError } from "../../core/errors.js";
import type { FragmentRef } from "../../core/fragment.js";
import type { Beginning, Need } from "../../core/need.js";
import type { SourceOptions } from "../../core/options.js";
import { readInitSegment, type InitSegment } from "../../media/init.js";
import { readSampleTable, type SampleEntry } from "../../media/samples.js";
import { keyIntervalOf, keysOf } from "./keys.js";
import type { TickGrid } from "./tick-grid.js";

export type Sampling = "exact" | "keyframe" | "auto";

/** What to deliver of a fragment. */
export interface Choice {
  /** Each is a key picture, and needs no other. */
  readonly areKeys: boolean;
  /** Indexes in order of presentation. */
  readonly picked: readonly number[];
  /** Bytes of the fragment, from its start, that hold all that the picked ones need. */
  readonly bytes: number;
}

/** What would be chosen, and what choosing it changes. */
export interface Look extends Choice {
  readonly last: number | undefined;
  readonly hasOneKey: boolean;
  readonly total: number;
}

/** Fragments' lengths are told in whole milliseconds. */
const ROUNDING_MS = 2;
/** Keys that come so much less often than ticks, by share, are often enough: one tick in a hundred then has none. */
const NEARLY = 0.99;
/** A sample table is less, and a small key picture fits in besides. */
const FIRST_GUESS_BYTES = 16_384;
/** Key pictures of a camera differ in size by some per cent: a larger guess costs bytes each time, a smaller one mostly another request. */
const guessFrom = (bytes: number): number => bytes + 512;
/** Whoever needs more of a fragment than this takes all of it: to hang up costs a connection. */
const MOST = 0.75;

/**
 * What to fetch of each fragment, and what to deliver of it: nothing where no tick falls into it, else no more than leads up to the
 * last picture wanted. All but {@link take} decide by what they are given and what was chosen before.
 */
export class SamplingPlan {
  /** Of the fragment chosen from last. */
  #known: { readonly areKeys: boolean; readonly hasOneKey: boolean; readonly guess: number } | undefined;
  #init: InitSegment | undefined;
  /** A range that no tick falls into: its first picture stands for it. */
  #tickless: { readonly start: number; readonly end: number } | undefined;

  /**
   * @param grid undefined: every picture
   * @param range outside of which nothing is delivered
   */
  constructor(
    private readonly sampling: Sampling,
    private readonly grid: TickGrid | undefined,
    range: Partial<Pick<SourceOptions, "start" | "end">> = {},
  ) {
    const { start, end } = range;
    if (grid === undefined || start === undefined || end === undefined || grid.last !== undefined || grid.hasTick(start, end)) return;
    this.#tickless = { start, end };
    grid.last = grid.tickOf(start) - 1;
  }

  /** How much of the next fragment is needed. */
  needOf(fragment: FragmentRef): Need {
    return this.#isDue(fragment, this.grid?.last) ? this.#need(fragment, this.grid?.last) : "nothing";
  }

  /** Of which of the fragments to come something will probably be needed, and how much. */
  *foresee<F extends FragmentRef>(upcoming: Iterable<F>): Generator<readonly [F, Exclude<Need, "nothing">]> {
    let last = this.grid?.last;
    for (const fragment of upcoming) {
      if (!this.#isDue(fragment, last)) continue;
      yield [fragment, this.#need(fragment, last)];
      // Where in a fragment its key pictures lie, and so which fragments hold one to pick, the first one tells.
      if (this.grid !== undefined && this.sampling !== "exact" && this.#known === undefined) return;
      last = this.grid?.tickOf(this.#lastTimeOf(fragment));
    }
  }

  /** Returns what would be chosen from a fragment. */
  look(table: readonly SampleEntry[], total: number, fragment: FragmentRef): Look {
    return { ...this.#look(table, fragment, this.grid?.last), hasOneKey: keysOf(table).length === 1, total };
  }

  /** Takes the ticks of what was chosen. */
  take({ last, areKeys, hasOneKey, picked, bytes, total }: Look): void {
    if (this.grid) this.grid.last = last;
    const guess = picked.length === 0 ? this.#known?.guess : bytes > MOST * total ? Infinity : guessFrom(bytes);
    this.#known = { areKeys, hasOneKey, guess: guess ?? FIRST_GUESS_BYTES };
  }

  /** What was chosen last cannot be had: the next picture may stand in for it. */
  giveBack(): void {
    if (this.grid?.last !== undefined) this.grid.last -= 1;
  }

  #isDue(fragment: FragmentRef, last: number | undefined): boolean {
    return this.grid?.isDue(this.#lastTimeOf(fragment), last) ?? true;
  }

  /** The latest at which a picture of the fragment that could be picked was captured. */
  #lastTimeOf({ startMs, durationMs }: FragmentRef): number {
    const isKeyAlone = this.#known?.areKeys && this.#known.hasOneKey;
    return isKeyAlone ? startMs : startMs + durationMs + ROUNDING_MS;
  }

  #need(fragment: FragmentRef, last: number | undefined): "whole" | Beginning {
    if (this.grid === undefined && this.sampling !== "keyframe") return "whole";
    return { guess: this.#known?.guess ?? FIRST_GUESS_BYTES, bytesNeeded: (bytes, total, init) => this.#bytesNeeded(fragment, last, { bytes, total, init }) };
  }

  #bytesNeeded(fragment: FragmentRef, last: number | undefined, { bytes, total, init }: { bytes: Buffer; total: number; init: Buffer }): number {
    if (this.#init?.bytes !== init) this.#init = readInitSegment(init);
    try {
      const table = readSampleTable(bytes, this.#init, total);
      return table === undefined ? Math.max(2 * bytes.length, FIRST_GUESS_BYTES) : this.#look(table, fragment, last).bytes;
    } catch (error) {
      // What is wrong with it is told by whoever reads it, and for that all of it is needed.
      if (error instanceof HLSStreamError) return total;
      throw error;
    }
  }

  #look(table: readonly SampleEntry[], { startMs, durationMs }: FragmentRef, last: number | undefined): Omit<Look, "hasOneKey" | "total"> {
    const keys = keysOf(table);
    const areKeys = this.#areKeysEnough(keyIntervalOf(keys, durationMs));
    const { start, end } = this.#tickless ?? { start: -Infinity, end: Infinity };
    const isAskedFor = ({ ptsMs }: SampleEntry): boolean => Math.round(startMs + ptsMs) >= start && Math.round(startMs + ptsMs) < end;
    const candidates = (areKeys ? keys : [...table].sort((a, b) => a.index - b.index)).filter(isAskedFor);
    const looked = this.grid?.look(candidates.map(({ ptsMs }) => Math.round(startMs + ptsMs)), last);
    const picked = looked === undefined ? candidates : looked.picked.flatMap((at) => candidates[at] ?? []);
    // What a picture needs comes before it.
    const bytes = Math.max(0, ...picked.map(({ offset, size }) => offset + size));
    return { areKeys, picked: picked.map(({ index }) => index), bytes, last: looked?.last };
  }

  #areKeysEnough(keyIntervalMs: number): boolean {
    if (this.sampling !== "auto") return this.sampling === "keyframe";
    return this.grid !== undefined && this.grid.intervalMs >= NEARLY * keyIntervalMs;
  }
}
