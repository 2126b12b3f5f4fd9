import { HLSStreamError } from "../core/errors.js";
import type { Frame } from "../core/frame.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures } from "../core/picture.js";
import type { StoredFragment } from "../core/stored-fragment.js";
import { decode } from "../decoder/decoder.js";
import { FramePool } from "../decoder/frame-pool.js";
import type { ListedFragment } from "../hls/playlist.js";
import { checkPictures } from "../media/coded-picture.js";
import { readInitSegment, type InitSegment } from "../media/init.js";
import { isKeyPicture } from "../media/key-picture.js";
import { Remuxer } from "../media/remux.js";
import { readSamples, type Sample } from "../media/samples.js";
import { linkedTo } from "./abort.js";
import { connect, type Links } from "./connect.js";
import type { Size } from "./size.js";

/** One picture of the archive: the last of a fragment at or before a time, or else the first that can be decoded alone. */
export interface WantedStill {
  readonly fragment: StoredFragment;
  /** Unix epoch, milliseconds, on the clock of the source. */
  readonly atMs: number;
}

export interface Still extends Pick<Frame, "data" | "width" | "height" | "capturedAt"> {
  readonly wanted: WantedStill;
}

export interface StillOptions {
  readonly source: SourceOptions;
  /** All that is stored around what is wanted, by start: a session lists so many and no more. */
  readonly stored: readonly StoredFragment[];
  /** Pictures are made to fit into it, pixels. */
  readonly box: Size;
  readonly signal: AbortSignal;
}

/** A picture on its way through the decoder. */
interface Chosen {
  readonly wanted: readonly WantedStill[];
  readonly capturedAt: number;
}

interface CodedStills {
  readonly init: InitSegment;
  readonly pictures: CodedPictures<Chosen>;
}

/** What came in since the index was read must fit into the list as well. */
const SPARE = 100;
const ROUNDING_MS = 5;
/** Times of pictures are told in whole milliseconds. */
const HALF_MS = 0.5;

/**
 * Single pictures of the archive, rgb24, each decoded from the key picture before it: as few sessions and fragments as will do.
 * What cannot be fetched or decoded is left out.
 * @param wanted by time
 * @throws FrameSourceError, or the signal's reason
 */
export async function* stills(wanted: readonly WantedStill[], options: StillOptions): AsyncGenerator<Still> {
  const { source, signal, box } = options;
  const { controller, release } = linkedTo(signal);
  const links = await connect(source, () => undefined, signal);
  try {
    const coded = codedStills(wanted, options, links, controller.signal);
    let next = await coded.next();
    while (!next.done) {
      const { init } = next.value;
      const ofInit = async function* (): AsyncGenerator<CodedPictures<Chosen>> {
        for (; !next.done && next.value.init === init; next = await coded.next()) yield next.value.pictures;
      };
      const size = fitting(init, box);
      const decoding = { ffmpeg: links.ffmpeg, init: init.bytes, output: { pixelFormat: "rgb24" as const, ...size }, pool: new FramePool(), stallMs: source.timeout * 1000, controller };
      for await (const { data, value } of decode(ofInit(), { ...decoding, onLost: () => undefined })) {
        for (const each of value.wanted) yield { data, ...size, capturedAt: value.capturedAt, wanted: each };
      }
    }
  } finally {
    controller.abort();
    release();
    links.connections.close();
  }
}

async function* codedStills(wanted: readonly WantedStill[], { stored, source }: StillOptions, { archive, reader }: Links, signal: AbortSignal): AsyncGenerator<CodedStills> {
  let current: { readonly init: InitSegment; readonly remuxer: Remuxer } | undefined;
  for (const group of ofOneList(wanted, stored, archive.fragmentsListed - SPARE)) {
    const starts = group.map(({ fragment }) => fragment.startMs[source.clock]);
    const session = await archive.open({ fromMs: Math.min(...starts) - ROUNDING_MS, toMs: Math.max(...starts) + ROUNDING_MS }, signal);
    const listed = session === undefined ? [] : (await reader.playlist(session, signal)).fragments;
    for (const same of ofOneFragment(group)) {
      const found = listed.find(({ number }) => number === same[0]?.fragment.number);
      const read = found && (await unlessBroken(() => readStills(found, same, reader, current?.init, signal)));
      if (read === undefined) continue;
      if (read.init !== current?.init) current = { init: read.init, remuxer: new Remuxer(read.init.trackId) };
      yield { init: current.init, pictures: current.remuxer.write(read.samples, read.chosen) };
    }
  }
}

async function readStills(listed: ListedFragment, wanted: readonly WantedStill[], reader: Links["reader"], before: InitSegment | undefined, signal: AbortSignal) {
  const bytes = await reader.init(listed, signal);
  const init = before?.bytes === bytes ? before : readInitSegment(bytes);
  const all = readSamples((await reader.fragment(listed, signal)).body, init);
  checkPictures(all, init);
  const firstKey = all.findIndex((sample) => isKeyPicture(sample, init));
  if (firstKey === -1) return undefined;
  const samples = all.slice(firstKey);
  const chosen = new Map<number, Chosen>();
  for (const still of wanted) {
    const { index, ptsMs } = lastUntil(samples, still.atMs - listed.startMs);
    chosen.set(index, { wanted: [...(chosen.get(index)?.wanted ?? []), still], capturedAt: Math.round(listed.startMs + ptsMs) });
  }
  // In order of decoding: no picture needs one that comes after it.
  const needed = Math.max(...samples.flatMap(({ index }, place) => (chosen.has(index) ? [place + 1] : [])));
  return { init, chosen, samples: samples.slice(0, needed) };
}

/** The sample shown at a time; the first one of them before any. */
function lastUntil(samples: readonly Sample[], ptsMs: number): Sample {
  const [first, ...rest] = [...samples].sort((a, b) => a.index - b.index) as [Sample, ...Sample[]];
  return rest.filter((sample) => sample.ptsMs <= ptsMs + HALF_MS).at(-1) ?? first;
}

/** Groups that a session lists whole. */
function ofOneList(wanted: readonly WantedStill[], stored: readonly StoredFragment[], most: number): WantedStill[][] {
  const places = new Map(stored.map(({ number }, place) => [number, place]));
  const placeOf = (still: WantedStill | undefined): number => places.get(still?.fragment.number ?? "") ?? 0;
  return grouped(wanted, (still, [first]) => placeOf(still) - placeOf(first) < most);
}

const ofOneFragment = (wanted: readonly WantedStill[]): WantedStill[][] => grouped(wanted, ({ fragment }, [first]) => first?.fragment === fragment);

function grouped(wanted: readonly WantedStill[], isOfGroup: (still: WantedStill, group: readonly WantedStill[]) => boolean): WantedStill[][] {
  const groups: WantedStill[][] = [];
  for (const still of wanted) {
    const last = groups.at(-1);
    if (last !== undefined && isOfGroup(still, last)) last.push(still);
    else groups.push([still]);
  }
  return groups;
}

/** One that cannot be had leaves its place empty. */
async function unlessBroken<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof HLSStreamError) return undefined;
    throw error;
  }
}

/** The largest even size of the same shape within a box. */
function fitting({ width, height }: Size, box: Size): Size {
  const scale = Math.min(box.width / width, box.height / height);
  const even = (side: number): number => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: Math.min(box.width, even(width)), height: Math.min(box.height, even(height)) };
}
