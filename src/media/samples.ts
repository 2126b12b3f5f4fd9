import type { IsoBoxMap, ParsedIsoBox } from "@svta/cml-iso-bmff";
import { BoxLimits, findBox, malformed, readBoxes } from "./boxes.js";
import type { InitSegment, SampleDefaults } from "./init.js";
import { topBoxAt, withShortHeader, type TopBox } from "./top-boxes.js";

/** One sample of a fragment, which holds a coded picture as a rule. */
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

/** ISO/IEC 14496-12 8.8.7.1 */
const DEFAULT_BASE_IS_MOOF = 0x02_00_00;
/** ISO/IEC 14496-12 8.8.3.1, sample_is_non_sync_sample. */
const NON_SYNC = 0x1_00_00;
const WHAT = "a fragment";
const MOST_BOXES = 10_000;
/** From the first picture to the last, seconds; the service takes twenty at most. */
const LONGEST = 3600;

/** A sample of a fragment of which the bytes need not have come yet. */
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
  for (let at = 0; ; ) {
    const box = topBoxAt(bytes, at, total, WHAT);
    if (box === undefined) return undefined;
    // What comes after its media may be more of the table.
    if (box.type === "mdat") return box.to === total ? readOnce(bytes.subarray(0, at), init, { from: box.bodyFrom, to: total }) : undefined;
    at = box.to;
  }
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
function readTable(bytes: Buffer, init: InitSegment, ahead?: Stretch): SampleEntry[] {
  if (bytes.length === 0) throw malformed(WHAT, "it is empty");
  const boxes = topBoxes(bytes);
  const media: Stretch[] = ahead === undefined ? [] : [ahead];
  for (const { type, bodyFrom, to } of boxes) if (type === "mdat") media.push({ from: bodyFrom, to });
  const limits = new BoxLimits(WHAT);
  const samples: TimedSample[] = [];
  let decodeTime = 0;
  for (const box of boxes) {
    limits.addBox();
    if (box.type !== "moof") continue;
    const [moof] = readBoxes(withShortHeader(bytes, box), WHAT, limits);
    if (moof) decodeTime = readMovieFragment({ start: box.from, decodeTime }, moof, init, samples);
  }
  const total = ahead?.to ?? bytes.length;
  // Of no bytes, it holds nothing; ffmpeg would end.
  const held = samples.filter(({ size }) => size > 0);
  for (const { offset, size } of held) checkPlace(offset, size, media);
  // Samples in one place, again and again, would be written out as often.
  if (held.reduce((sum, { size }) => sum + size, 0) > total) throw malformed(WHAT, "its samples are more than its bytes");
  if (held.length === 0) throw malformed(WHAT, "it holds no picture");
  return inPresentationTime(held, init.timescale);
}

/** Fewer bytes than a header may follow the last box. */
function topBoxes(bytes: Buffer): TopBox[] {
  const boxes: TopBox[] = [];
  for (let at = 0; ; ) {
    const box = topBoxAt(bytes, at, bytes.length, WHAT);
    if (box === undefined) break;
    boxes.push(box);
    if (boxes.length > MOST_BOXES) throw malformed(WHAT, `it is of more than ${MOST_BOXES} boxes`);
    at = box.to;
  }
  return boxes;
}

/** Where in the fragment something is. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What lies outside the media is no picture. */
function checkPlace(offset: number, size: number, media: readonly Stretch[]): void {
  const isMedia = media.some(({ from, to }) => offset >= from && offset + size <= to);
  if (!isMedia) throw malformed(WHAT, `a sample of ${size} bytes at ${offset} does not fit its media`);
}

interface TimedSample extends Pick<SampleEntry, "offset" | "size" | "sync"> {
  readonly pts: number;
}

/**
 * @param at where the movie fragment begins, and the decoding time at which the last one ended
 * @returns the decoding time at which it ends
 */
function readMovieFragment(at: { start: number; decodeTime: number }, moof: ParsedIsoBox, init: InitSegment, into: TimedSample[]): number {
  let cursor = { dts: at.decodeTime, offset: at.start };
  let isFirst = true;
  for (const traf of childrenOf(moof).filter((box) => box.type === "traf")) {
    const header = findBox([traf], "tfhd");
    if (header === undefined) throw malformed(WHAT, "a track header is missing");
    if (header.trackId === init.trackId) {
      const dts = findBox([traf], "tfdt")?.baseMediaDecodeTime ?? cursor.dts;
      const isFromMoof = isFirst || (header.flags & DEFAULT_BASE_IS_MOOF) !== 0;
      const base = header.baseDataOffset ?? (isFromMoof ? at.start : cursor.offset);
      cursor = readTrackFragment(traf, defaultsOf(header, init), { dts, offset: base, base }, into);
    }
    isFirst = false;
  }
  return cursor.dts;
}

const defaultsOf = (header: IsoBoxMap["tfhd"], { defaults }: InitSegment): SampleDefaults => ({
  duration: header.defaultSampleDuration ?? defaults.duration,
  size: header.defaultSampleSize ?? defaults.size,
  flags: header.defaultSampleFlags ?? defaults.flags,
});

function readTrackFragment(traf: ParsedIsoBox, defaults: SampleDefaults, at: { dts: number; offset: number; base: number }, into: TimedSample[]) {
  let cursor = { dts: at.dts, offset: at.offset };
  for (const run of childrenOf(traf)) {
    if (run.type === "trun") cursor = readRun(run as IsoBoxMap["trun"], defaults, { ...cursor, base: at.base }, into);
  }
  return cursor;
}

const childrenOf = (box: ParsedIsoBox): readonly ParsedIsoBox[] => ("boxes" in box ? (box.boxes as ParsedIsoBox[]) : []);

function readRun(run: IsoBoxMap["trun"], defaults: SampleDefaults, at: { dts: number; offset: number; base: number }, into: TimedSample[]) {
  let { dts, offset } = at;
  if (run.dataOffset !== undefined) offset = at.base + run.dataOffset;
  for (const [position, sample] of run.samples.entries()) {
    const size = sample.sampleSize ?? defaults.size;
    const flags = (position === 0 ? run.firstSampleFlags : undefined) ?? sample.sampleFlags ?? defaults.flags;
    into.push({ offset, size, sync: (flags & NON_SYNC) === 0, pts: dts + signed(sample.sampleCompositionTimeOffset ?? 0) });
    offset += size;
    dts += sample.sampleDuration ?? defaults.duration;
  }
  return { dts, offset };
}

/** Version 0 has no negative offsets by the standard, but encoders write them there, and readers take them so. */
const signed = (offset: number): number => (offset > 0x7fff_ffff ? offset - 2 ** 32 : offset);

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
