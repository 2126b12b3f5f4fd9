import { HLSStreamError } from "../core/errors.js";
import type { FragmentRef } from "../core/fragment.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures, DecoderSetup } from "../core/picture.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { Gap } from "../hls/selection.js";
import type { InitSegment } from "../media/init.js";
import { isKeyFrame, PictureReader, type CodedPicture, type ReaderState, type ReadPictures } from "../media/pictures.js";
import { readSampleTable, samplesIn, type Sample } from "../media/samples.js";
import { DecodeChain, type ChainPiece, type DecoderRun } from "./decode-chain.js";
import type { Delivered, FrameFacts } from "./facts.js";
import { fingerprintOf, usable, type ReadFragment } from "./read-fragment.js";
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
  /** Its fragment. */
  readonly read: ReadFragment;
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
  readonly #origin = new WeakMap<CodedPictures<FrameFacts>["bytes"], ReadFragment>();
  #keyRun: DecoderRun | undefined;
  #inVain = 0;

  constructor(private readonly of: FragmentPicturesOptions) {
    this.#reader = new PictureReader(of.init);
    this.#chain = new DecodeChain(of.options, (fragment, next) => this.#readAside(fragment, next.begin));
  }

  /**
   * The pictures of a fragment; one that is damaged is fetched once more, since the trouble may have been on the way.
   * @throws HLSStreamError MALFORMED_MEDIA where no picture can be read, or what fetching it failed with, or the signal's reason
   */
  read(fragment: FetchedFragment): Promise<ReadFragment> {
    return this.#readTwice(fragment);
  }

  /** @param begin of when it was read before */
  async #readTwice(fragment: FetchedFragment, begin?: ReaderState): Promise<ReadFragment> {
    const mayFetch = this.#inVain < MOST_IN_VAIN && fragment.body.length <= MAX_FETCHED_AGAIN_BYTES;
    const first = this.#tryRead(fragment, begin);
    const isWhole = !(first instanceof HLSStreamError) && first.faulty.length === 0 && first.pictures.length > 0;
    if (isWhole) this.#inVain = 0;
    if (isWhole || !mayFetch) return usable(first);
    const again = await fragment.whole();
    if (again.body.equals(fragment.body)) {
      this.#inVain += 1;
      return usable(first);
    }
    this.#inVain = 0;
    return usable(this.#tryRead(again, first instanceof HLSStreamError ? begin : first.begin));
  }

  #tryRead(fragment: FetchedFragment, begin: ReaderState | undefined): ReadFragment | HLSStreamError {
    try {
      return this.#read(fragment, (samples) => this.#reader.read(samples, begin));
    } catch (error) {
      if (error instanceof HLSStreamError) return error;
      throw error;
    }
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
  async renewKey({ facts, read }: KeySample): Promise<KeySample | undefined> {
    const again = await this.#renewed(read);
    const picture = again?.pictures.find(({ index }) => index === facts.index);
    return again && picture && { picture, facts, read: again };
  }

  async #renewed(read: ReadFragment | undefined): Promise<ReadFragment | undefined> {
    if (read === undefined || read.fragment.body.length > MAX_FETCHED_AGAIN_BYTES) return undefined;
    const { fragment, begin } = read;
    const again = await fragment.again();
    if (again.body.equals(fragment.body)) return undefined;
    try {
      return this.#readAside(again, begin);
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
      current = await this.#readTwice(await fragment.upTo(bytes), current.begin);
    }
  }

  async #write(wanted: readonly FrameFacts[], read: ReadFragment, areKeys: boolean): Promise<Pick<ChosenFragment, "decoded" | "decodables" | "lost">> {
    const { pieces, lost, decoded } = await this.#chain.write(wanted, read, areKeys);
    // One with damaged samples was fetched twice, and these are given up.
    if (read.faulty.length === 0) for (const { coded } of pieces) this.#origin.set(coded.bytes, read);
    return { decoded, decodables: pieces.map((piece: ChainPiece): Decodable => ({ areKeys: false, ...piece })), lost };
  }

  #keysFor(wanted: readonly FrameFacts[], read: ReadFragment): Pick<ChosenFragment, "decoded" | "decodables" | "lost"> {
    const keys = wanted.flatMap((facts): KeySample[] => {
      const picture = read.pictures.find(({ index }) => index === facts.index);
      return picture ? [{ picture, facts, read }] : [];
    });
    this.#chain.interrupt();
    const decodables = keys.map((key): Decodable => {
      const { setup } = key.picture;
      if (this.#keyRun?.setup !== setup) this.#keyRun = { setup, areKeys: true };
      return { areKeys: true, run: this.#keyRun, key };
    });
    return { decoded: keys.length, decodables, lost: [] };
  }

  #readAside(fragment: FetchedFragment, begin: ReaderState): ReadFragment {
    return this.#read(fragment, (samples) => this.#reader.readAside(samples, begin));
  }

  #read(fragment: FetchedFragment, readPictures: (samples: readonly Sample[]) => ReadPictures): ReadFragment {
    const { init } = this.of;
    const { body, total } = fragment;
    const table = readSampleTable(body, init, total);
    if (table === undefined) throw new HLSStreamError(`cannot read a fragment: ${body.length} of its ${total} bytes do not hold its sample table`, { code: "MALFORMED_MEDIA" });
    const samples = samplesIn(table, body);
    return { fragment, table, isWhole: samples.length === table.length, ...readPictures(samples), fingerprint: fingerprintOf(table, samples) };
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
      const picture = places.get(index);
      const keyframe = picture === undefined ? sync : isKeyFrame(picture);
      return { ref, endsFragment, untilMs, gapsBefore: takeGaps(), capturedAt, clock: options.clock, receivedAt, fragment: ref.number, index, keyframe, pts: ptsMs };
    });
  }
}

const isNoPicture = ({ unshown }: ReadFragment, index: number): boolean => unshown.has(index);
