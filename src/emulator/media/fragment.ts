import {
  defaultWriterConfig, writeIsoBox,
  type MovieFragmentBox, type TrackFragmentBox,
} from "@svta/cml-iso-bmff";
import type { TimedSample } from "./clip.js";

const SYNC = 0x0200_0000;
const NOT_SYNC = 0x0101_0000;
const DEFAULT_BASE_IS_MOOF = 0x02_0000;
/** Data offset; and of each sample the duration, size, flags and composition offset. */
const RUN_FIELDS = 0xf01;
const MDAT_HEADER = 8;

/** What stands before the samples' bytes. */
export interface FragmentHeader {
  readonly trackId: number;
  readonly sequenceNumber: number;
  readonly baseMediaDecodeTime: number;
}

/** One track's moof and mdat. */
export function writeFragment(header: FragmentHeader, samples: readonly TimedSample[]): Buffer {
  const moofSize = writeMoof(header, samples, 0).byteLength;
  const moof = writeMoof(header, samples, moofSize + MDAT_HEADER);
  const bytes = samples.map(({ data }) => data);
  const mdat = Buffer.alloc(MDAT_HEADER);
  mdat.writeUInt32BE(MDAT_HEADER + byteLength(samples));
  mdat.write("mdat", 4, "latin1");
  return Buffer.concat([moof, mdat, ...bytes]);
}

export const byteLength = (samples: readonly TimedSample[]): number => samples.reduce((sum, { data }) => sum + data.byteLength, 0);

function writeMoof({ trackId, sequenceNumber, baseMediaDecodeTime }: FragmentHeader, samples: readonly TimedSample[], dataOffset: number): Uint8Array {
  const traf: TrackFragmentBox = {
    type: "traf",
    boxes: [
      { type: "tfhd", version: 0, flags: DEFAULT_BASE_IS_MOOF, trackId },
      { type: "tfdt", version: 1, flags: 0, baseMediaDecodeTime },
      {
        type: "trun", version: 0, flags: RUN_FIELDS, sampleCount: samples.length, dataOffset,
        samples: samples.map(({ data, pts, dts, duration, keyframe }) => ({
          sampleDuration: duration,
          sampleSize: data.byteLength,
          sampleFlags: keyframe ? SYNC : NOT_SYNC,
          sampleCompositionTimeOffset: pts - dts,
        })),
      },
    ],
  };
  const moof: MovieFragmentBox = { type: "moof", boxes: [{ type: "mfhd", version: 0, flags: 0, sequenceNumber }, traf] };
  return writeIsoBox(moof, defaultWriterConfig());
}
