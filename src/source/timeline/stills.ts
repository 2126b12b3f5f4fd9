import { HLSStreamError } from "../../core/errors.js";
import type { Frame } from "../../core/frame.js";
import type { SourceOptions } from "../../core/options.js";
import type { CodedPictures } from "../../core/picture.js";
import type { StoredFragment } from "../../core/stored-fragment.js";
import { decode } from "../../decoder/decoder.js";
import { FramePool } from "../../decoder/frame-pool.js";
import { isExpiry } from "../../hls/fetcher.js";
import type { ListedFragment } from "../../hls/playlist.js";
import { checkPictures } from "../../media/coded-picture.js";
import { readInitSegment, type InitSegment } from "../../media/init.js";
import { neededFor } from "../../media/needed.js";
import { Remuxer } from "../../media/remux.js";
import { readSamples, type Sample } from "../../media/samples.js";
import { linkedTo } from "../abort.js";
import { connect, type Links } from "../connect.js";
import type { Size } from "../size.js";
import { ofOneFragment, ofOneList, type WantedStill } from "./wanted-stills.js";

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

/** What is decoded of a fragment. */
interface ReadStills {
  readonly init: InitSegment;
  /** In order of decoding, from a key picture on. */
  readonly samples: readonly Sample[];
  /** By index in order of presentation. */
  readonly chosen: ReadonlyMap<number, Chosen>;
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
      const decoding = { ffmpeg: links.ffmpeg, init, output: { pixelFormat: "rgb24" as const, ...size }, pool: new FramePool(), stallMs: source.timeout * 1000, controller };
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
    const list = async (): Promise<readonly ListedFragment[]> => {
      const session = await archive.open({ fromMs: Math.min(...starts) - ROUNDING_MS, toMs: Math.max(...starts) + ROUNDING_MS }, signal);
      return session === undefined ? [] : (await reader.wholePlaylist(session, signal)).fragments;
    };
    let listed = await list();
    for (const same of ofOneFragment(group)) {
      const readOne = async (): Promise<ReadStills | undefined> => {
        const found = listed.find(({ number }) => number === same[0]?.fragment.number);
        return found && readStills(found, same, reader, current?.init, signal);
      };
      const read = await twice(readOne, async (error) => {
        if (isExpiry(error)) listed = await list();
      });
      if (read === undefined) continue;
      if (read.init !== current?.init) current = { init: read.init, remuxer: new Remuxer(read.init.trackId) };
      yield { init: current.init, pictures: current.remuxer.write(read.samples, read.chosen) };
    }
  }
}

async function readStills(listed: ListedFragment, wanted: readonly WantedStill[], reader: Links["reader"], before: InitSegment | undefined, signal: AbortSignal): Promise<ReadStills | undefined> {
  const bytes = await reader.init(listed, signal);
  const init = before?.bytes === bytes ? before : readInitSegment(bytes);
  const all = readSamples((await reader.fragment(listed, signal)).body, init);
  checkPictures(all, init);
  const decodable = all.filter((sample) => neededFor(sample, all, init).length > 0);
  if (decodable.length === 0) return undefined;
  const chosen = new Map<number, Chosen>();
  const needed = new Set<Sample>();
  for (const still of wanted) {
    const sample = lastUntil(decodable, still.atMs - listed.startMs);
    chosen.set(sample.index, { wanted: [...(chosen.get(sample.index)?.wanted ?? []), still], capturedAt: Math.round(listed.startMs + sample.ptsMs) });
    for (const each of neededFor(sample, all, init)) needed.add(each);
  }
  return { init, chosen, samples: all.filter((sample) => needed.has(sample)) };
}

/** The sample shown at a time; the first one of them before any. */
function lastUntil(samples: readonly Sample[], ptsMs: number): Sample {
  const [first, ...rest] = [...samples].sort((a, b) => a.index - b.index) as [Sample, ...Sample[]];
  return rest.filter((sample) => sample.ptsMs <= ptsMs + HALF_MS).at(-1) ?? first;
}

/** A fragment that cannot be had, or read, with a second try either leaves its place empty. */
async function twice<T>(read: () => Promise<T>, prepare: (error: HLSStreamError) => Promise<void>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isBroken(error)) throw error;
    await prepare(error);
  }
  try {
    return await read();
  } catch (error) {
    if (!isBroken(error)) throw error;
    return undefined;
  }
}

/** Media of another kind are in all of the stream's fragments. */
const isBroken = (error: unknown): error is HLSStreamError => error instanceof HLSStreamError && error.code !== "UNSUPPORTED_MEDIA";

/** The largest even size of the same shape within a box. */
function fitting({ width, height }: Size, box: Size): Size {
  const scale = Math.min(box.width / width, box.height / height);
  const even = (side: number): number => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: Math.min(box.width, even(width)), height: Math.min(box.height, even(height)) };
}
