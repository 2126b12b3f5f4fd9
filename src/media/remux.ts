import { writeIsoBox, writeMfhd, writeTfdt, writeTfhd, writeTrun, type IsoBoxStreamable } from "@svta/cml-iso-bmff";
import { presentationNumber, type CodedPictures } from "../core/picture.js";
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
/** Presentation numbers step by two, see presentationNumber. */
const TICKS_A_SAMPLE = 2;
const MDAT_HEADER_BYTES = 8;

/**
 * Writes samples anew as movie fragments on one timeline that only goes forward, whatever sessions they came from.
 * ffmpeg then sees nothing of the stream's own boxes but the init segment.
 */
export class Remuxer {
  #position = 0;
  #sequence = 0;

  constructor(private readonly trackId: number) {}

  /**
   * @param samples in decoding order, all of a fragment or as many from its start as are needed
   * @param wanted what to deliver, by the index of a sample that is written
   * @param heldBack how many pictures the decoder keeps until more come. So many at the most that nobody wants follow the samples:
   * the first sample over again, which must be one that can be repeated (held-back.ts)
   */
  write<T>(samples: readonly Sample[], wanted: ReadonlyMap<number, T>, heldBack = 0): CodedPictures<T> {
    // No picture may be presented before it is decoded: all are moved back by the deepest reordering.
    const delay = Math.max(0, ...samples.map(({ index }, position) => position - index));
    const start = this.#position;
    const end = start + delay + Math.max(...samples.map(({ index }) => index)) + 1;
    const timed = samples.map((sample): TimedSample => {
      const presentation = presentationNumber(start + delay + sample.index, wanted.has(sample.index));
      return { ...sample, presentation };
    });
    const [first] = timed;
    const lastWanted = Math.max(...wanted.keys());
    const pushing = wanted.size === 0 ? 0 : Math.max(0, heldBack - samples.filter(({ index }) => index > lastWanted).length);
    for (let push = 0; first !== undefined && push < pushing; push++) timed.push({ ...first, presentation: presentationNumber(end + push, false) });
    this.#position = end + pushing;
    const values = [...wanted].map(([index, value]): [number, T] => [presentationNumber(start + delay + index, true), value]);
    return {
      bytes: this.#fragment(timed, presentationNumber(start, false)),
      numbers: timed.map(({ presentation }) => presentation),
      wanted: new Map(values.sort(([a], [b]) => a - b)),
      last: presentationNumber(this.#position - 1, true),
    };
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
      samples: samples.map(({ data, sync, presentation }, position) => ({
        sampleDuration: TICKS_A_SAMPLE,
        sampleSize: data.length,
        sampleFlags: sync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS,
        sampleCompositionTimeOffset: presentation - decodeTime - TICKS_A_SAMPLE * position,
      })),
    };
    const header = { type: "tfhd" as const, version: 0, flags: DEFAULT_BASE_IS_MOOF, trackId: this.trackId };
    const time = { type: "tfdt" as const, version: 1, flags: 0, baseMediaDecodeTime: decodeTime };
    const sequence = { type: "mfhd" as const, version: 0, flags: 0, sequenceNumber: this.#sequence };
    return { type: "moof", boxes: [sequence, { type: "traf", boxes: [header, time, run] }] };
  }
}

interface TimedSample extends Sample {
  readonly presentation: number;
}
