import { HLSStreamError } from "../../core/errors.js";
import type { Frame } from "../../core/frame.js";
import type { SourceOptions } from "../../core/options.js";
import type { CodedPictures, DecoderSetup } from "../../core/picture.js";
import type { StoredFragment } from "../../core/stored-fragment.js";
import { decode } from "../../decoder/decoder.js";
import { FramePool } from "../../decoder/frame-pool.js";
import { isExpiry } from "../../hls/fetcher.js";
import type { ListedFragment } from "../../hls/playlist.js";
import { neededFor, ReferenceState } from "../../media/dependencies.js";
import { readInitSegment, type InitSegment } from "../../media/init.js";
import { PictureReader, type CodedPicture } from "../../media/pictures.js";
import { Remuxer } from "../../media/remux.js";
import { readSamples } from "../../media/samples.js";
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
  readonly setup: DecoderSetup;
  readonly pictures: CodedPictures<Chosen>;
}

/** What is decoded of a fragment. */
interface ReadStills {
  readonly setup: DecoderSetup;
  /** In order of decoding, from a key frame on. */
  readonly samples: readonly CodedPicture[];
  /** By place among them. */
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
      const { setup } = next.value;
      const ofSetup = async function* (): AsyncGenerator<CodedPictures<Chosen>> {
        for (; !next.done && next.value.setup === setup; next = await coded.next()) yield next.value.pictures;
      };
      const size = fitting(setup, box);
      const decoding = { ffmpeg: links.ffmpeg, init: setup, output: { pixelFormat: "rgb24" as const, ...size }, pool: new FramePool(), stallMs: source.timeout * 1000, controller };
      for await (const { data, value } of decode(ofSetup(), { ...decoding, onLost: () => undefined })) {
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
  const readers = new PictureReaders();
  let current: { readonly of: DecoderSetup; readonly setup: DecoderSetup; readonly remuxer: Remuxer } | undefined;
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
        return found && readStills(found, same, reader, readers, signal);
      };
      const read = await twice(readOne, async (error) => {
        if (isExpiry(error)) listed = await list();
      });
      if (read === undefined) continue;
      const goesOn = read.setup === current?.of && read.samples[0]?.kind.isReset === true;
      if (current === undefined || !goesOn) current = { of: read.setup, setup: { ...read.setup }, remuxer: new Remuxer() };
      yield { setup: current.setup, pictures: current.remuxer.write(read.samples, read.chosen) };
    }
  }
}

/** One for each init segment. */
class PictureReaders {
  #last: InitReader | undefined;

  of(bytes: Buffer): InitReader {
    if (this.#last?.bytes === bytes) return this.#last;
    const init = readInitSegment(bytes);
    this.#last = { bytes, init, pictures: new PictureReader(init) };
    return this.#last;
  }
}

interface InitReader {
  readonly bytes: Buffer;
  readonly init: InitSegment;
  readonly pictures: PictureReader;
}

async function readStills(listed: ListedFragment, wanted: readonly WantedStill[], reader: Links["reader"], readers: PictureReaders, signal: AbortSignal): Promise<ReadStills | undefined> {
  const { init, pictures: pictureReader } = readers.of(await reader.init(listed, signal));
  const { pictures, faulty } = pictureReader.readAside(readSamples((await reader.fragment(listed, signal)).body, init));
  const { isRight, canBeFed } = new ReferenceState().follow(pictures, faulty);
  const setup = pictures.find((_, at) => isRight[at])?.setup;
  const decodable = pictures.filter((picture, at) => isRight[at] && picture.setup === setup);
  if (setup === undefined) return undefined;
  const chosen = new Map<number, Chosen>();
  for (const still of wanted) {
    const picture = lastUntil(decodable, still.atMs - listed.startMs);
    const at = pictures.indexOf(picture);
    chosen.set(at, { wanted: [...(chosen.get(at)?.wanted ?? []), still], capturedAt: Math.round(listed.startMs + picture.ptsMs) });
  }
  const needed = neededFor(new Set(chosen.keys()), pictures, canBeFed).filter((at) => pictures[at]?.setup === setup);
  const ofPlace = needed.flatMap((at, place) => (chosen.has(at) ? [[place, chosen.get(at) as Chosen] as const] : []));
  return { setup, chosen: new Map(ofPlace), samples: needed.flatMap((at) => pictures[at] ?? []) };
}

/** The sample shown at a time; the first one of them before any. */
function lastUntil(samples: readonly CodedPicture[], ptsMs: number): CodedPicture {
  const [first, ...rest] = [...samples].sort((a, b) => a.index - b.index) as [CodedPicture, ...CodedPicture[]];
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
