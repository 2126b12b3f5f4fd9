import { bitsOf } from "./bits.js";
import { isSequence, typeOf, type Codec } from "./nal.js";

/** Ticks a second of every track written here. */
export const TIMESCALE = 90_000;

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, "latin1"), body]);
}

/** A box with a version and 24 bits of flags. */
export const fullBox = (type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer => box(type, u32(version * 2 ** 24 + flags), ...parts);

/** Negative numbers in two's complement. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * at);
  return bytes;
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, 2 * at);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export interface InitOptions {
  readonly codec: Codec;
  /** In avcC or hvcC; none: an empty one. */
  readonly sets: readonly Buffer[];
  /** Type of the sample entry. Default: avc1 or hvc1. */
  readonly entry?: string;
  /** As the sample entry and the track header say. */
  readonly width?: number;
  readonly height?: number;
  readonly nalLengthBytes?: number;
  readonly trackId?: number;
  /** Behind the codec's own box. */
  readonly insideEntry?: readonly Buffer[];
  /** Ahead of ftyp, behind it, in moov, and at the end. */
  readonly extra?: { readonly first?: readonly Buffer[]; readonly middle?: readonly Buffer[]; readonly inMovie?: readonly Buffer[]; readonly last?: readonly Buffer[] };
  /** Of trex: duration, size, flags. */
  readonly defaults?: readonly [number, number, number];
}

const MATRIX = [0x1_00_00, 0, 0, 0, 0x1_00_00, 0, 0, 0, 0x40_00_00_00];

/** ftyp + moov. */
export function initSegment(options: InitOptions): Buffer {
  const { width = 160, height = 90, trackId = 1, extra = {}, defaults = [0, 0, 0] } = options;
  const movie = fullBox("mvhd", 0, 0, u32(0, 0, 1000, 0, 0x1_00_00), u16(0x1_00, 0), u32(0, 0, ...MATRIX, 0, 0, 0, 0, 0, 0, 2));
  const track = fullBox("tkhd", 0, 3, u32(0, 0, trackId, 0, 0, 0, 0), u16(0, 0, 0, 0), u32(...MATRIX, width * 0x1_00_00, height * 0x1_00_00));
  const media = fullBox("mdhd", 0, 0, u32(0, 0, TIMESCALE, 0), u16(0x55_c4, 0));
  const handler = fullBox("hdlr", 0, 0, u32(0), Buffer.from("vide"), u32(0, 0, 0), Buffer.from("\0"));
  const reference = box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)));
  const description = fullBox("stsd", 0, 0, u32(1), sampleEntry(options, width, height));
  const table = box("stbl", description, ...["stts", "stsc", "stco"].map((type) => fullBox(type, 0, 0, u32(0))), fullBox("stsz", 0, 0, u32(0, 0)));
  const information = box("minf", fullBox("vmhd", 0, 1, u32(0, 0)), reference, table);
  const extends_ = box("mvex", fullBox("trex", 0, 0, u32(trackId, 1, ...defaults)));
  return Buffer.concat([
    ...(extra.first ?? []),
    box("ftyp", Buffer.from("isom"), u32(512), Buffer.from("isomiso6mp41")),
    ...(extra.middle ?? []),
    box("moov", movie, ...(extra.inMovie ?? []), box("trak", track, box("mdia", media, handler, information)), extends_),
    ...(extra.last ?? []),
  ]);
}

function sampleEntry(options: InitOptions, width: number, height: number): Buffer {
  const { codec, sets, entry = codec === "h264" ? "avc1" : "hvc1", nalLengthBytes = 4, insideEntry = [] } = options;
  const fixed = [u32(0), u16(0, 1, 0, 0), u32(0, 0, 0), u16(width, height), u32(0x48_00_00, 0x48_00_00, 0), u16(1), Buffer.alloc(32), u16(24, 0xff_ff)];
  const own = codec === "h264" ? box("avcC", avcC(sets, nalLengthBytes)) : box("hvcC", hvcC(sets, nalLengthBytes));
  return box(entry, ...fixed, own, ...insideEntry);
}

const sized = (nal: Buffer): Buffer => Buffer.concat([u16(nal.length), nal]);

/** ISO/IEC 14496-15 5.3.3.1 */
function avcC(sets: readonly Buffer[], nalLengthBytes: number): Buffer {
  const [sequences, pictures] = [7, 8].map((type) => sets.filter((nal) => typeOf("h264", nal) === type)) as [Buffer[], Buffer[]];
  const profile = sequences[0]?.subarray(1, 4) ?? Buffer.from([0x64, 0, 0x0a]);
  const head = Buffer.concat([Buffer.from([1]), profile, Buffer.from([0xfc | (nalLengthBytes - 1), 0xe0 | sequences.length])]);
  return Buffer.concat([head, ...sequences.map(sized), Buffer.from([pictures.length]), ...pictures.map(sized)]);
}

const profileOf = (sequence: Buffer): Buffer => Buffer.from((bitsOf(sequence, 2).slice(8, 104).match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));

/** ISO/IEC 14496-15 8.3.3.1 */
function hvcC(sets: readonly Buffer[], nalLengthBytes: number): Buffer {
  const sequence = sets.find((nal) => isSequence("h265", nal));
  const profile = (sequence && profileOf(sequence)) ?? Buffer.from([1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0x1e]);
  const tail = Buffer.from([0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0c | (nalLengthBytes - 1)]);
  const arrays = [32, 33, 34].flatMap((type) => {
    const nals = sets.filter((nal) => typeOf("h265", nal) === type);
    return nals.length === 0 ? [] : [Buffer.concat([Buffer.from([0x80 | type]), u16(nals.length), ...nals.map(sized)])];
  });
  return Buffer.concat([Buffer.from([1]), profile, tail, Buffer.from([arrays.length]), ...arrays]);
}

export interface TrackSample {
  readonly data: Buffer;
  /** Ticks. */
  readonly duration: number;
  /** Presentation less decoding time. */
  readonly offset: number;
  readonly sync: boolean;
}

export interface FragmentOptions {
  readonly samples: readonly TrackSample[];
  readonly decodeTime: number;
  readonly sequence?: number;
  readonly trackId?: number;
  /** Of trun. */
  readonly version?: 0 | 1;
  /** Of tfdt; none: there is no such box. */
  readonly tfdt?: 0 | 1 | "none";
  readonly mdat?: "usual" | "large" | "to the end";
  readonly isMediaFirst?: boolean;
  /** How many of them share the samples. */
  readonly runs?: number;
  readonly trafs?: number;
  /** How the first is told from the others: each its own flags, only the first's, or what trex says for all. */
  readonly flags?: "each" | "first" | "default";
  /** All samples last the same, as tfhd says. */
  readonly hasDefaultDuration?: boolean;
  /** Data offsets count from the file's start: tfhd says so. */
  readonly hasBaseOffset?: boolean;
  readonly before?: readonly Buffer[];
  readonly inMoof?: readonly Buffer[];
  readonly between?: readonly Buffer[];
  readonly after?: readonly Buffer[];
  /** In the media, ahead of the first sample. */
  readonly gapInMedia?: number;
}

const SYNC = 0x02_00_00_00;
const NON_SYNC = 0x01_01_00_00;

const chunked = <T>(all: readonly T[], count: number): T[][] => {
  const each = Math.ceil(all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, at) => all.slice(at * each, (at + 1) * each)).filter((part) => part.length > 0);
};

/** moof + mdat. */
export function fragment(options: FragmentOptions): Buffer {
  const { samples, mdat = "usual", isMediaFirst = false, before = [], between = [], after = [], gapInMedia = 0 } = options;
  const media = Buffer.concat([Buffer.alloc(gapInMedia, 0x55), ...samples.map(({ data }) => data)]);
  const mediaBox = mdat === "usual" ? box("mdat", media) : Buffer.concat([u32(mdat === "large" ? 1 : 0), Buffer.from("mdat"), ...(mdat === "large" ? [u64(media.length + 16)] : []), media]);
  const headerBytes = mediaBox.length - media.length;
  const lead = before.reduce((sum, each) => sum + each.length, 0);
  const inner = between.reduce((sum, each) => sum + each.length, 0);
  const size = moof(options, 0, 0).length;
  const moofAt = lead + (isMediaFirst ? mediaBox.length + inner : 0);
  const mediaAt = (isMediaFirst ? lead : lead + size + inner) + headerBytes + gapInMedia;
  const movie = moof(options, mediaAt - moofAt, moofAt);
  return Buffer.concat([...before, ...(isMediaFirst ? [mediaBox, ...between, movie] : [movie, ...between, mediaBox]), ...after]);
}

function moof(options: FragmentOptions, mediaAt: number, moofAt: number): Buffer {
  const { samples, decodeTime, sequence = 1, trackId = 1, tfdt = 1, trafs = 1, hasDefaultDuration = false, hasBaseOffset = false, inMoof = [] } = options;
  let offset = mediaAt;
  let time = decodeTime;
  const parts = chunked(samples, trafs).map((part) => {
    const base = hasBaseOffset ? u64(moofAt) : Buffer.alloc(0);
    const flags = (hasBaseOffset ? 0x1 : 0x02_00_00) | (hasDefaultDuration ? 0x8 : 0);
    const header = fullBox("tfhd", 0, flags, u32(trackId), base, hasDefaultDuration ? u32(part[0]!.duration) : Buffer.alloc(0));
    const started = tfdt === "none" ? [] : [fullBox("tfdt", tfdt, 0, tfdt === 1 ? u64(time) : u32(time))];
    const runs = chunked(part, options.runs ?? 1).map((run) => {
      const bytes = trun(options, run, offset);
      offset += run.reduce((sum, { data }) => sum + data.length, 0);
      return bytes;
    });
    time += part.reduce((sum, { duration }) => sum + duration, 0);
    return box("traf", header, ...started, ...runs);
  });
  return box("moof", fullBox("mfhd", 0, 0, u32(sequence)), ...inMoof, ...parts);
}

function trun({ version = 1, flags = "each", hasDefaultDuration = false }: FragmentOptions, run: readonly TrackSample[], dataOffset: number): Buffer {
  const bits = 0x1 | (flags === "first" ? 0x4 : 0) | (hasDefaultDuration ? 0 : 0x1_00) | 0x2_00 | (flags === "each" ? 0x4_00 : 0) | 0x8_00;
  const flagOf = (sync: boolean): number => (sync ? SYNC : NON_SYNC);
  const fields = run.flatMap(({ data, duration, offset, sync }) => [...(hasDefaultDuration ? [] : [duration]), data.length, ...(flags === "each" ? [flagOf(sync)] : []), offset]);
  return fullBox("trun", version, bits, u32(run.length, dataOffset, ...(flags === "first" ? [flagOf(run[0]!.sync)] : []), ...fields));
}
