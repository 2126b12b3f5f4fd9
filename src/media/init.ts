import { HLSStreamError } from "../core/errors.js";
import { MAX_PIXELS, type DecoderSetup } from "../core/picture.js";
import { findBox, malformed, readBoxes, type CodecConfiguration } from "./boxes.js";
import { configurationIn } from "./configuration.js";

const CODECS: ReadonlyMap<string, "h264" | "h265"> = new Map([
  ["avc1", "h264"],
  ["avc3", "h264"],
  ["hvc1", "h265"],
  ["hev1", "h265"],
]);

const USUAL_LENGTH_BYTES = 4;

/** Largest side of a picture taken seriously, pixels: a hostile header must not make us allocate gigabytes. */
const MAX_SIDE = 16_384;

/** What an init segment (ftyp + moov) says of its video track. */
export interface InitSegment extends DecoderSetup {
  /** Ticks a second of the track. */
  readonly timescale: number;
  readonly trackId: number;
  /** Of the length before each NAL unit of a sample. */
  readonly nalLengthBytes: number;
  /** What holds for samples whose fragment says nothing (trex). */
  readonly defaults: SampleDefaults;
}

export interface SampleDefaults {
  /** Ticks. */
  readonly duration: number;
  /** Bytes. */
  readonly size: number;
  readonly flags: number;
}

/**
 * Reads the video track of an init segment.
 * @throws HLSStreamError UNSUPPORTED_MEDIA without a video track that can be decoded, MALFORMED_MEDIA for broken boxes.
 */
export function readInitSegment(bytes: Buffer): InitSegment {
  const what = "the init segment";
  const boxes = readBoxes(bytes, what);
  const entry = findBox(boxes, "stsd")?.entries[0];
  const codec = entry && CODECS.get(entry.type);
  if (entry === undefined || codec === undefined || !("width" in entry)) {
    throw new HLSStreamError(`cannot decode a track of type "${entry?.type ?? "none"}", wanted H.264 or H.265 video`, { code: "UNSUPPORTED_MEDIA" });
  }
  const { width, height } = entry;
  if (Math.min(width, height) < 2 || Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new HLSStreamError(`cannot decode pictures of ${width}x${height} pixels, wanted 2 to ${MAX_SIDE} a side and ${MAX_PIXELS} at most`, { code: "UNSUPPORTED_MEDIA" });
  }
  const timescale = findBox(boxes, "mdhd")?.timescale;
  const trackId = findBox(boxes, "tkhd")?.trackId;
  const defaults = findBox(boxes, "trex");
  if (!timescale || trackId === undefined || defaults === undefined) throw malformed(what, "a track header is missing");
  return {
    bytes,
    codec,
    width,
    height,
    timescale,
    trackId,
    configuration: configurationIn(boxes).configuration.toString("base64"),
    nalLengthBytes: entry.boxes.map((box) => (box as Partial<CodecConfiguration>).nalLengthBytes).find(Number) ?? USUAL_LENGTH_BYTES,
    defaults: { duration: defaults.defaultSampleDuration, size: defaults.defaultSampleSize, flags: defaults.defaultSampleFlags },
  };
}
