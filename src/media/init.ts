import { filterIsoBoxes, type IsoBoxMap, type ParsedIsoBox } from "@svta/cml-iso-bmff";
import { HLSStreamError } from "../core/errors.js";
import { findBox, malformed, readBoxes, type CodecConfiguration, type OpaqueBox } from "./boxes.js";
import { configurationIn } from "./configuration.js";
import { checkSize } from "./decoder-setup.js";
import { spsOf } from "./parameter-sets.js";
import { tryReadSequence } from "./sps.js";

const CODECS: ReadonlyMap<string, "h264" | "h265"> = new Map([
  ["avc1", "h264"],
  ["avc3", "h264"],
  ["hvc1", "h265"],
  ["hev1", "h265"],
]);

const USUAL_LENGTH_BYTES = 4;
const NO_DEFAULTS = { defaultSampleDuration: 0, defaultSampleSize: 0, defaultSampleFlags: 0 };
/** Boxes of a sample entry that decoders heed beside the codec's own. */
const PASSED_ON = ["colr", "pasp"];

/** What an init segment (ftyp + moov) says of its video track. */
export interface InitSegment {
  readonly bytes: Buffer;
  readonly codec: "h264" | "h265";
  /** Pixels, as its parameter set says or else its sample entry; 0 where neither does. Parameter sets in samples may say otherwise. */
  readonly width: number;
  readonly height: number;
  /** Pixels, as the sample entry claims. */
  readonly entrySize: { readonly width: number; readonly height: number };
  /** Body of avcC or hvcC, in base64. */
  readonly configuration: string;
  /** Boxes that say how pixels are to be understood. */
  readonly extra: readonly OpaqueBox[];
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
  const all = readBoxes(bytes, what);
  const boxes = videoTrackIn(all);
  const entry = findBox(boxes, "stsd")?.entries[0];
  const codec = entry && CODECS.get(entry.type);
  if (entry === undefined || codec === undefined || !("width" in entry)) {
    throw new HLSStreamError(`cannot decode a track of type "${entry?.type ?? "none"}", wanted H.264 or H.265 video`, { code: "UNSUPPORTED_MEDIA" });
  }
  const { configuration, inside } = configurationIn(boxes);
  const timescale = findBox(boxes, "mdhd")?.timescale;
  const trackId = findBox(boxes, "tkhd")?.trackId;
  const defaults = findDefaults(all, trackId) ?? NO_DEFAULTS;
  if (!timescale || trackId === undefined) throw malformed(what, "a track header is missing");
  return {
    bytes,
    codec,
    ...sizeOf(codec, configuration, entry),
    entrySize: { width: entry.width, height: entry.height },
    timescale,
    trackId,
    configuration: configuration.toString("base64"),
    // Not what the box reader adds, which holds on to all bytes.
    extra: inside.flatMap(({ type, body }) => (PASSED_ON.includes(type) && body.length > 0 ? [{ type, body }] : [])),
    nalLengthBytes: entry.boxes.map((box) => (box as Partial<CodecConfiguration>).nalLengthBytes).find(Number) ?? USUAL_LENGTH_BYTES,
    defaults: { duration: defaults.defaultSampleDuration, size: defaults.defaultSampleSize, flags: defaults.defaultSampleFlags },
  };
}

/** Returns the track box of the first video that can be decoded, or all boxes where there is none. */
function videoTrackIn(boxes: readonly ParsedIsoBox[]): readonly ParsedIsoBox[] {
  const moov = boxes.find(({ type }) => type === "moov");
  const tracks = (moov && "boxes" in moov ? (moov.boxes as ParsedIsoBox[]) : []).filter(({ type }) => type === "trak");
  const video = tracks.find((track) => CODECS.has(findBox([track], "stsd")?.entries[0]?.type ?? ""));
  return video === undefined ? boxes : [video];
}

function findDefaults(boxes: readonly ParsedIsoBox[], trackId: number | undefined): IsoBoxMap["trex"] | undefined {
  const found = filterIsoBoxes(boxes, (box) => box.type === "trex") as IsoBoxMap["trex"][];
  return found.find((trex) => trex.trackId === trackId) ?? found[0];
}

/** The parameter set knows better than the sample entry, which nobody needs. */
function sizeOf(codec: InitSegment["codec"], configuration: Buffer, entry: { width: number; height: number }): { width: number; height: number } {
  const nal = spsOf(codec, configuration);
  const { width, height } = (nal && tryReadSequence(codec, nal)) ?? entry;
  const isUnknown = nal === undefined && width === 0 && height === 0;
  if (!isUnknown) checkSize(width, height);
  return { width, height };
}
