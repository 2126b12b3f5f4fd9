import { createHash } from "node:crypto";
import { HLSStreamError } from "../core/errors.js";
import type { FragmentRef } from "../core/fragment.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures, DecoderSetup } from "../core/picture.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { Gap } from "../hls/selection.js";
import type { InitSegment } from "../media/init.js";
import { PictureReader, type CodedPicture } from "../media/pictures.js";
import { readSampleTable, samplesIn, type SampleEntry } from "../media/samples.js";
import type { Fingerprint } from "./coverage.js";
import { DecodeChain, type ChainPiece, type DecoderRun } from "./decode-chain.js";
import type { Delivered, FrameFacts } from "./facts.js";
import { faultIn, type ReadFragment } from "./read-fragment.js";
import type { SamplingPlan } from "./sampling/plan.js";

export interface FragmentPicturesOptions {
  readonly options: SourceOptions;
  readonly init: InitSegment;
  readonly plan: SamplingPlan;
  readonly delivered: Delivered | undefined;
  /** Gaps that the first wanted frame takes along. */
  readonly takeGaps: () => readonly Gap[];
  /** They are to be told with another frame. */
  readonly returnGaps: (gaps: readonly Gap[]) => void;
}

/** Both are held for a moment: a hostile server should not double what its largest fragment takes. Ten seconds of 4K are less. */
const MAX_FETCHED_AGAIN_BYTES = 24 * 2 ** 20;
/** Damage that was the same when it was fetched again, so often in a row, is the camera's. */
const MOST_IN_VAIN = 8;

/** A key frame that is decoded alone. */
export interface KeySample {
  readonly picture: CodedPicture;
  readonly facts: FrameFacts;
}

/** Frames that one decoder takes: a key frame, or a row of pictures. */
export type Decodable =
  | { readonly areKeys: true; readonly run: DecoderRun; readonly key: KeySample }
  | ({ readonly areKeys: false } & ChainPiece);

export interface ChosenFragment {
  readonly fragment: FetchedFragment;
  /** Pictures that it holds, and those of them that are decoded. */
  readonly frames: number;
  readonly decoded: number;
  /** Empty: nothing is wanted. */
  readonly decodables: readonly Decodable[];
  /** Frames that cannot be decoded, unless a frame after them tells of them. */
  readonly lost: readonly FrameFacts[];
}

/** From a fragment's bytes to what the decoder gets, for as long as the init segment stays the same. */
export class FragmentPictures {
  readonly #reader: PictureReader;
  readonly #chain: DecodeChain;
  /** Where coded bytes came from. Not by the pictures: those may come back with fewer of them wanted. */
  readonly #origin = new WeakMap<CodedPictures<FrameFacts>["bytes"], FetchedFragment>();
  #keyRun: DecoderRun | undefined;
  #inVain = 0;

  constructor(private readonly of: FragmentPicturesOptions) {
    this.#reader = new PictureReader(of.init);
    this.#chain = new DecodeChain(of.options, (fragment) => this.#read(fragment, true));
  }

  /**
   * The pictures of a fragment; one that is damaged is fetched once more, since the trouble may have been on the way.
   * @throws HLSStreamError MALFORMED_MEDIA where no picture can be read, or what fetching it failed with, or the signal's reason
   */
  async read(fragment: FetchedFragment): Promise<ReadFragment> {
    const mayFetch = this.#inVain < MOST_IN_VAIN && fragment.body.length <= MAX_FETCHED_AGAIN_BYTES;
    let read: ReadFragment | undefined;
    try {
      read = this.#read(fragment);
      if (read.faulty.length === 0) this.#inVain = 0;
      if (read.faulty.length === 0 || !mayFetch) return usable(read);
    } catch (error) {
      if (!(error instanceof HLSStreamError) || !mayFetch) throw error;
      const again = await fragment.whole();
      if (!again.body.equals(fragment.body)) return usable(this.#read(again));
      this.#inVain += 1;
      throw error;
    }
    const again = await fragment.whole();
    const isSame = again.body.equals(fragment.body);
    this.#inVain = isSame ? this.#inVain + 1 : 0;
    return usable(isSame ? read : this.#read(again));
  }

  /**
   * What to deliver of a fragment, and what must be decoded for it. Takes the ticks of the grid.
   * @throws as {@link read}, where more of it is needed than was foreseen
   */
  async choose(read: ReadFragment): Promise<ChosenFragment> {
    const { plan, returnGaps } = this.of;
    const { choice, read: whole } = await this.#pick(read);
    plan.take(choice);
    const { fragment } = whole;
    const wanted = this.#wanted(whole, new Set(choice.picked));
    const frames = whole.table.length - whole.unshown.size;
    if (wanted.length === 0) return { fragment, frames, decoded: 0, decodables: [], lost: [] };
    try {
      const isKey = ({ index }: FrameFacts): boolean => whole.pictures.find((picture) => picture.index === index)?.kind.standsAlone === true;
      const chosen = choice.areKeys && wanted.every(isKey) ? this.#keysFor(wanted, whole) : await this.#write(wanted, whole, choice.areKeys);
      if (chosen.lost.length > 0) plan.giveBack();
      return { fragment, frames, ...chosen };
    } catch (error) {
      plan.giveBack();
      returnGaps(wanted.flatMap(({ gapsBefore }) => gapsBefore));
      throw error;
    }
  }

  /** With how many threads the pictures of a setup are decoded, as the first of them told. */
  threadsFor(setup: DecoderSetup): number {
    return this.#chain.promptnessOf(setup).threads;
  }

  /** What comes next does not follow what was read before: something between them is missing, or was left out. */
  interrupt(): void {
    this.#chain.interrupt();
  }

  /** As {@link interrupt}, when a fragment was given up. */
  giveUp({ number }: FragmentRef): void {
    this.#chain.interrupt();
    this.#chain.spoil(number);
  }

  /**
   * The same pictures from a new download.
   * @returns undefined when that gives the same bytes or none that can be read
   */
  async renew(pictures: CodedPictures<FrameFacts>): Promise<CodedPictures<FrameFacts> | undefined> {
    const read = await this.#renewed(this.#origin.get(pictures.bytes));
    return read && this.#chain.alone(read, [...pictures.wanted.values()]);
  }

  /** As {@link renew}, for a key frame. */
  async renewKey({ facts }: KeySample, fragment: FetchedFragment): Promise<KeySample | undefined> {
    const picture = (await this.#renewed(fragment))?.pictures.find(({ index }) => index === facts.index);
    return picture && { picture, facts };
  }

  async #renewed(fragment: FetchedFragment | undefined): Promise<ReadFragment | undefined> {
    if (fragment === undefined || fragment.body.length > MAX_FETCHED_AGAIN_BYTES) return undefined;
    const again = await fragment.again();
    if (again.body.equals(fragment.body)) return undefined;
    try {
      return this.#read(again, true);
    } catch (error) {
      if (error instanceof HLSStreamError) return undefined;
      throw error;
    }
  }

  /** Picks by the table, and again once the bytes have told which of the samples are pictures. */
  async #pick(read: ReadFragment): Promise<{ choice: ReturnType<SamplingPlan["look"]>; read: ReadFragment }> {
    const { plan } = this.of;
    for (let current = read; ; ) {
      const { fragment } = current;
      const choice = plan.look(current.table.filter(({ index }) => !isNoPicture(current, index)), fragment.total, fragment.ref);
      const isAll = this.#chain.needsAll && choice.picked.length > 0;
      const bytes = isAll ? fragment.total : Math.min(choice.bytes, fragment.total);
      if (bytes <= fragment.body.length || choice.picked.length === 0) return { choice, read: current };
      current = await this.read(await fragment.upTo(bytes));
    }
  }

  async #write(wanted: readonly FrameFacts[], read: ReadFragment, areKeys: boolean): Promise<Pick<ChosenFragment, "decoded" | "decodables" | "lost">> {
    const { pieces, lost, decoded } = await this.#chain.write(wanted, read, areKeys);
    // One with damaged samples was fetched twice, and these are given up.
    if (read.faulty.length === 0) for (const { coded } of pieces) this.#origin.set(coded.bytes, read.fragment);
    return { decoded, decodables: pieces.map((piece: ChainPiece): Decodable => ({ areKeys: false, ...piece })), lost };
  }

  #keysFor(wanted: readonly FrameFacts[], { pictures }: ReadFragment): Pick<ChosenFragment, "decoded" | "decodables" | "lost"> {
    const keys = wanted.flatMap((facts): KeySample[] => {
      const picture = pictures.find(({ index }) => index === facts.index);
      return picture ? [{ picture, facts }] : [];
    });
    this.#chain.interrupt();
    const decodables = keys.map((key): Decodable => {
      const { setup } = key.picture;
      if (this.#keyRun?.setup !== setup) this.#keyRun = { setup, areKeys: true };
      return { areKeys: true, run: this.#keyRun, key };
    });
    return { decoded: keys.length, decodables, lost: [] };
  }

  #read(fragment: FetchedFragment, isPast = false): ReadFragment {
    const { init } = this.of;
    const { body, total } = fragment;
    const table = readSampleTable(body, init, total);
    if (table === undefined) throw new HLSStreamError(`cannot read a fragment: ${body.length} of its ${total} bytes do not hold its sample table`, { code: "MALFORMED_MEDIA" });
    const samples = samplesIn(table, body);
    const read = this.#reader.read(samples, isPast);
    return { fragment, table, isWhole: samples.length === table.length, ...read, fingerprint: fingerprintOf(table, samples) };
  }

  /** Of the picked pictures, in output order, those that are asked for and were not delivered before. */
  #wanted(read: ReadFragment, picked: ReadonlySet<number>): FrameFacts[] {
    const { table, pictures, fragment: { ref, receivedAt } } = read;
    const { options, delivered, takeGaps } = this.of;
    const byTime = [...table].sort((a, b) => a.index - b.index).filter(({ index }) => !isNoPicture(read, index));
    const times = new Map(byTime.map(({ index, ptsMs }) => [index, Math.round(ref.startMs + ptsMs)]));
    const following = new Map(byTime.map(({ index }, at) => [index, byTime[at + 1]?.index ?? -1]));
    const places = new Map(pictures.map((picture) => [picture.index, picture]));
    const orderOf = (index: number): number => places.get(index)?.order ?? index;
    const { start = -Infinity, end = Infinity } = options;
    const isNew = (index: number): boolean => ref.number !== delivered?.fragment.number || orderOf(index) > orderOf(delivered.index);
    const isAskedFor = (time = Number.NaN): boolean => time >= start && time < end;
    const wanted = byTime.filter(({ index }) => picked.has(index) && isNew(index) && isAskedFor(times.get(index))).sort((a, b) => orderOf(a.index) - orderOf(b.index));
    return wanted.map(({ index, ptsMs, sync }): FrameFacts => {
      const capturedAt = times.get(index) ?? Number.NaN;
      const untilMs = times.get(following.get(index) ?? -1) ?? Math.max(capturedAt, Math.round(ref.startMs + ref.durationMs));
      const endsFragment = index === wanted.at(-1)?.index;
      const keyframe = keyFlagOf(places.get(index), sync);
      return { ref, endsFragment, untilMs, gapsBefore: takeGaps(), capturedAt, clock: options.clock, receivedAt, fragment: ref.number, index, keyframe, pts: ptsMs };
    });
  }
}

/** What its bytes say, where they have come: not every muxer sets the flags, and some set all. */
const keyFlagOf = (picture: CodedPicture | undefined, sync: boolean): boolean =>
  picture === undefined ? sync : picture.kind.isRandomAccess || (sync && picture.kind.recoversAfter !== undefined);

const isNoPicture = ({ unshown }: ReadFragment, index: number): boolean => unshown.has(index);

/** @throws HLSStreamError MALFORMED_MEDIA when there is no picture at all */
function usable(read: ReadFragment): ReadFragment {
  if (read.pictures.length > 0) return read;
  throw faultIn(read) ?? new HLSStreamError(`cannot read a fragment: none of its ${read.table.length} samples holds a picture`, { code: "MALFORMED_MEDIA" });
}

function fingerprintOf(table: readonly SampleEntry[], samples: readonly { readonly data: Buffer }[]): Fingerprint {
  const hash = createHash("sha1");
  const [first] = samples;
  if (first) hash.update(first.data);
  const beginning = hash.copy().update(table.map(({ size, ptsMs }) => `${size}@${ptsMs}`).join()).digest("base64");
  if (samples.length < table.length) return { beginning, whole: undefined };
  for (const { data } of samples.slice(1)) hash.update(data);
  return { beginning, whole: hash.digest("base64") };
}

