import { writeIsoBox, writeMfhd, writeTfdt, writeTfhd, writeTrun, type IsoBoxStreamable } from "@svta/cml-iso-bmff";
import { presentationNumber, type CodedPictures } from "../core/picture.js";
import { TRACK_ID } from "./init-writer.js";
import type { Sample } from "./samples.js";

const WRITERS = { mfhd: writeMfhd, tfdt: writeTfdt, tfhd: writeTfhd, trun: writeTrun };

// ISO/IEC 14496-12 8.8.7 and 8.8.8
const DEFAULT_BASE_IS_MOOF = 0x02_00_00;
const TRUN_DATA_OFFSET = 0x1;
const TRUN_DURATION = 0x1_00;
const TRUN_SIZE = 0x2_00;
const TRUN_FLAGS = 0x4_00;
const TRUN_COMPOSITION_OFFSET = 0x8_00;
const SYNC_SAMPLE_FLAGS = 0x02_00_00_00;
const NON_SYNC_SAMPLE_FLAGS = 0x01_01_00_00;
const MDAT_HEADER_BYTES = 8;

/** A sample as a decoder is given it. */
export interface OrderedSample extends Pick<Sample, "data" | "sync" | "index"> {
  /** Rank in output order, from 0. */
  readonly order: number;
}

export interface WriteOptions {
  /**
   * How many pictures the decoder keeps until more come. So many at the most that nobody wants follow the samples: the first
   * sample over again, which must be one that can be repeated.
   */
  readonly heldBack?: number;
  /** Places of samples that need pictures from before these to come out right. */
  readonly leaning?: ReadonlySet<number>;
  /** What decoding must have begun with for those, see {@link CodedPictures.first}. */
  readonly leansOn?: number;
}

/**
 * Rewrites samples as movie fragments on one timeline that only goes forward, whatever sessions they came from, with numbers in
 * the place of times. ffmpeg then sees nothing of the stream's own boxes.
 *
 * All samples of a fragment have one decoding time. ffmpeg takes decoding times for the truth as soon as presentation times that come
 * out contradict their order, unless the decoding times do so at least as often: equal ones do each time. So a number comes out with the
 * picture that went in under it, whatever order a decoder finds.
 */
export class Remuxer {
  #position = 0;
  #sequence = 0;

  /** The presentation number that the next fragment begins at, see {@link CodedPictures.first}. */
  get next(): number {
    return presentationNumber(this.#position, false);
  }

  /**
   * @param samples in decoding order, all of a fragment or as many as are needed
   * @param wanted what to deliver, by the place of a sample among them
   */
  write<T>(samples: readonly OrderedSample[], wanted: ReadonlyMap<number, T>, { heldBack = 0, leaning = new Set(), leansOn = 0 }: WriteOptions = {}): CodedPictures<T> {
    const first = this.next;
    const ranks = ranksOf(samples);
    const timed = samples.map((sample, at): TimedSample => ({ ...sample, presentation: presentationNumber(this.#position + (ranks[at] ?? at), wanted.has(at)) }));
    const values = [...wanted].map(([at, value]): [number, T] => [timed[at]?.presentation ?? 0, value]);
    const leans = [...wanted.keys()].filter((at) => leaning.has(at)).map((at): [number, number] => [timed[at]?.presentation ?? 0, leansOn]);
    this.#position += samples.length;
    timed.push(...this.#pushing(samples, ranks, [...wanted.keys()], heldBack));
    return {
      bytes: this.#fragment(timed, first),
      numbers: timed.map(({ presentation }) => presentation),
      wanted: new Map(values.sort(([a], [b]) => a - b)),
      leaning: new Map(leans),
      first,
      last: presentationNumber(this.#position - 1, true),
    };
  }

  /** Pictures that nobody wants, for a decoder to give those that it holds back. */
  #pushing([first]: readonly OrderedSample[], ranks: readonly number[], wanted: readonly number[], heldBack: number): TimedSample[] {
    if (first === undefined || wanted.length === 0) return [];
    const lastWanted = Math.max(...wanted.map((at) => ranks[at] ?? 0));
    const count = Math.max(0, heldBack - (ranks.length - 1 - lastWanted));
    const start = this.#position;
    this.#position += count;
    return Array.from({ length: count }, (_, push) => ({ ...first, presentation: presentationNumber(start + push, false) }));
  }

  #fragment(samples: readonly TimedSample[], decodeTime: number): Buffer[] {
    const moof = (dataOffset: number): Uint8Array => writeIsoBox(this.#movieFragment(samples, decodeTime, dataOffset), { writers: WRITERS });
    const size = moof(0).length;
    const mdat = Buffer.alloc(MDAT_HEADER_BYTES);
    mdat.writeUInt32BE(MDAT_HEADER_BYTES + samples.reduce((sum, { data }) => sum + data.length, 0));
    mdat.write("mdat", 4, "latin1");
    this.#sequence += 1;
    return [Buffer.from(moof(size + MDAT_HEADER_BYTES)), mdat, ...samples.map(({ data }) => data)];
  }

  #movieFragment(samples: readonly TimedSample[], decodeTime: number, dataOffset: number): IsoBoxStreamable {
    const run = {
      type: "trun" as const,
      version: 0,
      flags: TRUN_DATA_OFFSET | TRUN_DURATION | TRUN_SIZE | TRUN_FLAGS | TRUN_COMPOSITION_OFFSET,
      sampleCount: samples.length,
      dataOffset,
      samples: samples.map(({ data, sync, presentation }) => ({
        sampleDuration: 0,
        sampleSize: data.length,
        sampleFlags: sync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS,
        sampleCompositionTimeOffset: presentation - decodeTime,
      })),
    };
    const header = { type: "tfhd" as const, version: 0, flags: DEFAULT_BASE_IS_MOOF, trackId: TRACK_ID };
    const time = { type: "tfdt" as const, version: 1, flags: 0, baseMediaDecodeTime: decodeTime };
    const sequence = { type: "mfhd" as const, version: 0, flags: 0, sequenceNumber: this.#sequence };
    return { type: "moof", boxes: [sequence, { type: "traf", boxes: [header, time, run] }] };
  }
}

interface TimedSample extends OrderedSample {
  readonly presentation: number;
}

/** The ranks of samples among themselves: some may have been left out. */
function ranksOf(samples: readonly OrderedSample[]): number[] {
  const order = samples.map((_, at) => at).sort((a, b) => (samples[a]?.order ?? 0) - (samples[b]?.order ?? 0));
  const ranks = samples.map(() => 0);
  for (const [rank, at] of order.entries()) ranks[at] = rank;
  return ranks;
}
