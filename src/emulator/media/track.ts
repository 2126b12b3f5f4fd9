import {
  defaultReaderConfig, findIsoBox, isIsoBoxType, readIsoBoxes, traverseIsoBoxes, type ParsedIsoBox,
} from "@svta/cml-iso-bmff";
import { sampleEntry } from "./codec.js";

/** One encoded picture or audio frame, in order of decoding. */
export interface Sample {
  readonly data: Uint8Array;
  /** Ticks of the track's timescale. */
  readonly pts: number;
  readonly keyframe: boolean;
}

/** One track as ffmpeg encoded it. */
export interface Track {
  /** ftyp and moov. */
  readonly init: Uint8Array;
  readonly timescale: number;
  /** As in the CODECS attribute: avc1.42c01e, hvc1.1.6.L63.90, mp4a.40.2. */
  readonly codec: string;
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
  readonly samples: readonly Sample[];
}

const NOT_SYNC = 0x10000;

/** Reads a fragmented MP4 of one track, written by ffmpeg with default_base_moof. */
export function readTrack(mp4: Uint8Array): Track {
  const boxes = readIsoBoxes(mp4, defaultReaderConfig());
  const [ftyp, moov] = boxes;
  const mdhd = moov && findIsoBox([moov], (box) => isIsoBoxType("mdhd", box));
  if (!ftyp || !moov || !mdhd) throw new Error(`expected ftyp and moov first, got ${boxes.map((box) => box.type).join(" ")}`);
  const samples: Sample[] = [];
  let offset = 0;
  for (const box of boxes) {
    if (isIsoBoxType("moof", box)) {
      for (const sample of fragmentSamples(mp4.subarray(offset), box as ParsedIsoBox)) samples.push(sample);
    }
    offset += box.largesize ?? box.size;
  }
  return { init: mp4.subarray(0, ftyp.size + moov.size), timescale: mdhd.timescale, ...sampleEntry(moov), samples };
}

/** @param bytes what follows from the start of the moof on */
function* fragmentSamples(bytes: Uint8Array, moof: ParsedIsoBox): Generator<Sample> {
  const inside = [...traverseIsoBoxes([moof])];
  const tfhd = inside.find((box) => isIsoBoxType("tfhd", box));
  const tfdt = inside.find((box) => isIsoBoxType("tfdt", box));
  if (!tfhd || !tfdt) throw new Error("expected tfhd and tfdt in a moof");
  let dts = tfdt.baseMediaDecodeTime;
  for (const trun of inside.filter((box) => isIsoBoxType("trun", box))) {
    let offset = trun.dataOffset ?? 0;
    for (const [i, sample] of trun.samples.entries()) {
      const size = sample.sampleSize ?? tfhd.defaultSampleSize ?? 0;
      const first = i === 0 ? trun.firstSampleFlags : undefined;
      const flags = sample.sampleFlags ?? first ?? tfhd.defaultSampleFlags ?? 0;
      yield {
        data: bytes.subarray(offset, offset + size),
        pts: dts + (sample.sampleCompositionTimeOffset ?? 0),
        keyframe: (flags & NOT_SYNC) === 0,
      };
      offset += size;
      dts += sample.sampleDuration ?? tfhd.defaultSampleDuration ?? 0;
    }
  }
}
