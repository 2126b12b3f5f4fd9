import type { DecoderSetup } from "../core/picture.js";
import type { OpaqueBox } from "./boxes.js";

/** What an init segment for a decoder is made of. */
export interface TrackDescription extends Pick<DecoderSetup, "codec" | "width" | "height"> {
  /** Body of avcC or hvcC. */
  readonly configuration: Buffer;
  /** Boxes of the sample entry that say how pixels are to be understood. */
  readonly extra: readonly OpaqueBox[];
}

/** Of every fragment that a decoder is given. */
export const TRACK_ID = 1;
const TIMESCALE = 1000;
const BOXES = { h264: { entry: "avc1", configuration: "avcC" }, h265: { entry: "hvc1", configuration: "hvcC" } } as const;
/** No rotation: 1, 0, 0; 0, 1, 0; 0, 0, 1 as fixed-point numbers. */
const MATRIX = [0x1_00_00, 0, 0, 0, 0x1_00_00, 0, 0, 0, 0x40_00_00_00];

/** Writes the init segment (ftyp + moov) of a single video track: ISO/IEC 14496-12 8. */
export function writeInitSegment(track: TrackDescription): Buffer {
  const header = full("mvhd", 0, 0, u32(0, 0, TIMESCALE, 0, 0x1_00_00), u16(0x1_00, 0), u32(0, 0, ...MATRIX, 0, 0, 0, 0, 0, 0, TRACK_ID + 1));
  const defaults = full("trex", 0, 0, u32(TRACK_ID, 1, 0, 0, 0));
  return Buffer.concat([
    box("ftyp", Buffer.from("isom"), u32(512), Buffer.from("isomiso6avc1mp41")),
    box("moov", header, trackBox(track), box("mvex", defaults)),
  ]);
}

function trackBox(track: TrackDescription): Buffer {
  const { width, height } = track;
  const header = full("tkhd", 0, 3, u32(0, 0, TRACK_ID, 0, 0, 0, 0), u16(0, 0, 0, 0), u32(...MATRIX, width * 0x1_00_00, height * 0x1_00_00));
  const media = full("mdhd", 0, 0, u32(0, 0, TIMESCALE, 0), u16(UNDETERMINED_LANGUAGE, 0));
  const handler = full("hdlr", 0, 0, u32(0), Buffer.from("vide"), u32(0, 0, 0), Buffer.from("\0"));
  const reference = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)));
  const tables = box("stbl", full("stsd", 0, 0, u32(1), sampleEntry(track)), ...["stts", "stsc", "stco"].map((type) => full(type, 0, 0, u32(0))), full("stsz", 0, 0, u32(0, 0)));
  const information = box("minf", full("vmhd", 0, 1, u32(0, 0)), reference, tables);
  return box("trak", header, box("mdia", media, handler, information));
}

const UNDETERMINED_LANGUAGE = 0x55_c4;
const RESOLUTION = 0x48_00_00;

function sampleEntry({ codec, width, height, configuration, extra }: TrackDescription): Buffer {
  const { entry, configuration: type } = BOXES[codec];
  const fixed = [u32(0), u16(0, 1, 0, 0), u32(0, 0, 0), u16(width, height), u32(RESOLUTION, RESOLUTION, 0), u16(1), Buffer.alloc(32), u16(24, 0xff_ff)];
  return box(entry, ...fixed, box(type, configuration), ...extra.map((each) => box(each.type, each.body)));
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, "latin1"), body]);
}

/** A box with a version and 24 bits of flags. */
const full = (type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer => box(type, u32(version * 2 ** 24 + flags), ...parts);

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * at);
  return bytes;
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, 2 * at);
  return bytes;
}
