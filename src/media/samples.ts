import type { IsoBoxMap, ParsedIsoBox } from "@svta/cml-iso-bmff";
import { findBox, malformed, readBoxes } from "./boxes.js";
import type { InitSegment, SampleDefaults } from "./init.js";

/** One coded picture of a fragment. */
export interface Sample {
  /** The coded bytes: a view into the fragment. */
  readonly data: Buffer;
  /** Decoding needs no other sample. */
  readonly sync: boolean;
  /** Presentation time, milliseconds after the fragment's first presented picture, with fractions. */
  readonly ptsMs: number;
  /** Place in order of presentation, from 0. */
  readonly index: number;
}

/** ISO/IEC 14496-12 8.8.3.1, sample_is_non_sync_sample. */
const NON_SYNC = 0x1_00_00;
const WHAT = "a fragment";
const BOX_HEADER_BYTES = 8;
/** From the first picture to the last, seconds; the service takes twenty at most. */
const LONGEST = 3600;

/** A coded picture of a fragment of which the bytes need not have come yet. */
export interface SampleEntry extends Omit<Sample, "data"> {
  /** Where in the fragment its bytes are. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * The samples of a media fragment (moof + mdat, one or several), in decoding order.
 * @throws HLSStreamError MALFORMED_MEDIA when the sample table and the bytes do not agree: a cut or corrupt fragment.
 */
export const readSamples = (bytes: Buffer, init: InitSegment): Sample[] => samplesIn(readTable(bytes, init), bytes);

/** Those of which all bytes are there, with the order and the times that they have among all. */
export function samplesIn(table: readonly SampleEntry[], bytes: Buffer): Sample[] {
  const there = table.filter(({ offset, size }) => offset + size <= bytes.length);
  return there.map(({ offset, size, ...facts }) => ({ ...facts, data: bytes.subarray(offset, offset + size) }));
}

/**
 * What a fragment, or the beginning of one, tells of all its samples, in decoding order.
 * @param total bytes of the whole fragment
 * @returns undefined when more of it is needed
 * @throws HLSStreamError MALFORMED_MEDIA
 */
export function readSampleTable(bytes: Buffer, init: InitSegment, total: number): SampleEntry[] | undefined {
  if (bytes.length >= total) return readTable(bytes, init);
  let at = 0;
  while (at + BOX_HEADER_BYTES <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    const isMedia = bytes.toString("latin1", at + 4, at + BOX_HEADER_BYTES) === "mdat";
    if (size < BOX_HEADER_BYTES || at + size > total) throw malformed(WHAT, `a box of ${size} bytes at ${at} does not fit its ${total} bytes`);
    // What comes after its media may be more of the table.
    if (isMedia) return at + size === total ? readOnce(bytes.subarray(0, at), init, { from: at + BOX_HEADER_BYTES, to: total }) : undefined;
    at += size;
  }
  return undefined;
}

/** What was read last with an init segment: as a fragment comes in, its boxes are looked at time and again. */
const lastRead = new WeakMap<Buffer, { readonly boxes: Buffer; readonly total: number; readonly table: SampleEntry[] }>();

function readOnce(boxes: Buffer, init: InitSegment, ahead: Stretch): SampleEntry[] {
  const last = lastRead.get(init.bytes);
  if (last?.total === ahead.to && last.boxes.equals(boxes)) return last.table;
  const table = readTable(boxes, init, ahead);
  // A copy, which does not hold the whole fragment.
  lastRead.set(init.bytes, { boxes: Buffer.from(boxes), total: ahead.to, table });
  return table;
}

/** @param ahead media that follows the boxes */
function readTable(boxes: Buffer, init: InitSegment, ahead?: Stretch): SampleEntry[] {
  const samples: TimedSample[] = [];
  const media: Stretch[] = ahead === undefined ? [] : [ahead];
  let start = 0;
  for (const box of readBoxes(boxes, WHAT)) {
    if (box.type === "moof") samples.push(...readMovieFragment(start, box, init));
    if (box.type === "mdat") media.push({ from: start + BOX_HEADER_BYTES, to: start + box.size });
    start += box.size;
  }
  const total = ahead?.to ?? boxes.length;
  for (const { offset, size } of samples) checkPlace(offset, size, media);
  // Samples in one place, again and again, would be written out as often.
  if (samples.reduce((sum, { size }) => sum + size, 0) > total) throw malformed(WHAT, "its samples are more than its bytes");
  if (samples.length === 0) throw malformed(WHAT, "it holds no picture");
  return inPresentationTime(samples, init.timescale);
}

/** Where in the fragment something is. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What lies outside the media is no picture, and one sample of no bytes ends ffmpeg. */
function checkPlace(offset: number, size: number, media: readonly Stretch[]): void {
  const isMedia = media.some(({ from, to }) => offset >= from && offset + size <= to);
  if (!isMedia || size === 0) throw malformed(WHAT, `a sample of ${size} bytes at ${offset} does not fit its media`);
}

interface TimedSample extends Pick<SampleEntry, "offset" | "size" | "sync"> {
  readonly pts: number;
}

function readMovieFragment(start: number, moof: ParsedIsoBox, init: InitSegment): TimedSample[] {
  const traf = childrenOf(moof).find((box) => box.type === "traf" && findBox([box], "tfhd")?.trackId === init.trackId);
  if (traf === undefined) return [];
  const header = findBox([traf], "tfhd");
  const decodeTime = findBox([traf], "tfdt")?.baseMediaDecodeTime;
  if (header === undefined || decodeTime === undefined) throw malformed(WHAT, "its decode time is missing");
  const defaults: SampleDefaults = {
    duration: header.defaultSampleDuration ?? init.defaults.duration,
    size: header.defaultSampleSize ?? init.defaults.size,
    flags: header.defaultSampleFlags ?? init.defaults.flags,
  };
  const base = header.baseDataOffset ?? start;
  const samples: TimedSample[] = [];
  let cursor = { dts: decodeTime, offset: base };
  for (const run of childrenOf(traf)) {
    if (run.type === "trun") cursor = readRun(run as IsoBoxMap["trun"], defaults, { ...cursor, base }, samples);
  }
  return samples;
}

const childrenOf = (box: ParsedIsoBox): readonly ParsedIsoBox[] => ("boxes" in box ? (box.boxes as ParsedIsoBox[]) : []);

function readRun(run: IsoBoxMap["trun"], defaults: SampleDefaults, at: { dts: number; offset: number; base: number }, into: TimedSample[]) {
  let { dts, offset } = at;
  if (run.dataOffset !== undefined) offset = at.base + run.dataOffset;
  for (const [position, sample] of run.samples.entries()) {
    const size = sample.sampleSize ?? defaults.size;
    const flags = (position === 0 ? run.firstSampleFlags : undefined) ?? sample.sampleFlags ?? defaults.flags;
    into.push({ offset, size, sync: (flags & NON_SYNC) === 0, pts: dts + (sample.sampleCompositionTimeOffset ?? 0) });
    offset += size;
    dts += sample.sampleDuration ?? defaults.duration;
  }
  return { dts, offset };
}

/**
 * Times count from the smallest PTS of the fragment, because that picture is the one PROGRAM-DATE-TIME speaks of, and because
 * the base of tfdt is undocumented and may differ between sessions.
 */
function inPresentationTime(samples: readonly TimedSample[], timescale: number): SampleEntry[] {
  const order = samples.map((_, position) => position).sort((a, b) => (samples[a]?.pts ?? 0) - (samples[b]?.pts ?? 0));
  const indexes = new Map(order.map((position, index) => [position, index]));
  const [first, last] = [samples[order[0] ?? 0]?.pts ?? 0, samples[order.at(-1) ?? 0]?.pts ?? 0];
  if (last - first > LONGEST * timescale) throw malformed(WHAT, `its pictures are up to ${Math.round((last - first) / timescale)} s apart`);
  return samples.map(({ offset, size, sync, pts }, position) => ({ offset, size, sync, ptsMs: ((pts - first) * 1000) / timescale, index: indexes.get(position) ?? position }));
}
