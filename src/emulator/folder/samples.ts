import { boxesIn, childrenOf, descend, Fields, type FoundBox } from "./boxes.js";
import type { InitFacts } from "./init.js";

/** One sample by its table; ticks from the fragment's first decode time. */
export interface TableSample {
  readonly pts: number;
  readonly keyframe: boolean;
}

/** What the sample tables of a fragment say of one track. */
export interface SampleTables {
  /** Of the first moof that has one. */
  readonly decodeTime: bigint | undefined;
  /** Ticks, all samples together. */
  readonly duration: number;
  /** In order of decoding. */
  readonly samples: readonly TableSample[];
}

/** A table without fields may claim any number of samples: more than these are not believed. */
const MOST_SAMPLES = 100_000;
const NOT_SYNC = 0x10000;
const TFHD_DURATION = 0x8;
/** Fields before the default duration in a tfhd, and after it, each with its flag and size. */
const TFHD_BEFORE = [
  [0x1, 8],
  [0x2, 4],
] as const;
const TFHD_SIZE = 0x10;
const TFHD_FLAGS = 0x20;
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400 };
const TRUN_COMPOSITION = 0x800;

/** What the tables need to know of the init segment. */
export type TrackFacts = Pick<InitFacts, "trackId" | "defaultDuration" | "defaultFlags">;

interface Defaults {
  readonly duration: number;
  readonly flags: number;
}

/**
 * Reads the sample tables of the init's track, of all moofs in the fragment.
 * @returns undefined where no sample can be told
 */
export function readTables(bytes: Buffer, init: TrackFacts): SampleTables | undefined {
  const reader = new TableReader(bytes);
  for (const moof of boxesIn(bytes)) {
    if (moof.type !== "moof") continue;
    for (const traf of childrenOf(bytes, moof, "traf")) reader.readTrack(traf, init);
  }
  const { decodeTime, duration, samples } = reader;
  const isBelieved = samples.length > 0 && samples.length <= MOST_SAMPLES;
  return isBelieved ? { decodeTime, duration, samples } : undefined;
}

class TableReader {
  decodeTime: bigint | undefined;
  duration = 0;
  readonly samples: TableSample[] = [];
  #decodesAt = 0;

  constructor(private readonly bytes: Buffer) {}

  readTrack(traf: FoundBox, init: TrackFacts): void {
    const tfhd = new Fields(this.bytes, descend(this.bytes, traf, "tfhd"));
    if (init.trackId !== undefined && tfhd.uint32(4) !== init.trackId) return;
    this.#startAt(new Fields(this.bytes, descend(this.bytes, traf, "tfdt")));
    const defaults = defaultsOf(tfhd, init);
    for (const trun of childrenOf(this.bytes, traf, "trun")) {
      this.#readRun(new Fields(this.bytes, trun), defaults);
    }
  }

  /** Without a tfdt, decoding goes on where the last run ended. */
  #startAt(tfdt: Fields): void {
    const low = tfdt.uint32(4);
    const time = tfdt.version === 1 ? tfdt.uint64(4) : low === undefined ? undefined : BigInt(low);
    if (time === undefined) return;
    this.decodeTime ??= time - BigInt(this.#decodesAt);
    this.#decodesAt = Number(time - this.decodeTime);
  }

  #readRun(trun: Fields, defaults: Defaults): void {
    const { flags } = trun;
    const has = (flag: number): 0 | 4 => ((flags & flag) === 0 ? 0 : 4);
    const firstFlagsAt = 8 + has(TRUN.dataOffset);
    const first = has(TRUN.firstFlags) === 0 ? undefined : trun.uint32(firstFlagsAt);
    const tableAt = firstFlagsAt + has(TRUN.firstFlags);
    const flagsAt = has(TRUN.duration) + has(TRUN.size);
    const width = flagsAt + has(TRUN.flags) + has(TRUN_COMPOSITION);
    const count = countOf(trun, tableAt, width);
    for (let i = 0; i < count && this.samples.length <= MOST_SAMPLES; i++) {
      const at = tableAt + i * width;
      const own = has(TRUN.flags) === 0 ? undefined : trun.uint32(at + flagsAt);
      const offset = has(TRUN_COMPOSITION) === 0 ? 0 : trun.int32(at + flagsAt + has(TRUN.flags));
      const duration = has(TRUN.duration) === 0 ? defaults.duration : trun.uint32(at);
      const sampleFlags = own ?? (i === 0 ? first : undefined) ?? defaults.flags;
      const keyframe = (sampleFlags & NOT_SYNC) === 0;
      this.samples.push({ pts: this.#decodesAt + (offset ?? 0), keyframe });
      this.#decodesAt += duration ?? 0;
      this.duration += duration ?? 0;
    }
  }
}

/** Counts the samples of a run, of those it claims the ones whose fields are there. */
function countOf(trun: Fields, tableAt: number, width: number): number {
  const claimed = trun.uint32(4) ?? 0;
  const there = width === 0 ? claimed : Math.floor((trun.length - tableAt) / width);
  return Math.max(0, Math.min(claimed, there));
}

function defaultsOf(tfhd: Fields, init: TrackFacts): Defaults {
  const size = (flag: number, bytes: number): number => ((tfhd.flags & flag) === 0 ? 0 : bytes);
  const durationAt = TFHD_BEFORE.reduce((at, [flag, bytes]) => at + size(flag, bytes), 8);
  const flagsAt = durationAt + size(TFHD_DURATION, 4) + size(TFHD_SIZE, 4);
  return {
    duration:
      (size(TFHD_DURATION, 4) ? tfhd.uint32(durationAt) : undefined) ?? init.defaultDuration,
    flags: (size(TFHD_FLAGS, 4) ? tfhd.uint32(flagsAt) : undefined) ?? init.defaultFlags,
  };
}
