import { createHash } from "node:crypto";
import { HLSStreamError } from "../core/errors.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures } from "../core/picture.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { Gap } from "../hls/selection.js";
import { checkPictures } from "../media/coded-picture.js";
import type { InitSegment } from "../media/init.js";
import { isKeyPicture } from "../media/key-picture.js";
import { neededForAll } from "../media/needed.js";
import { Remuxer } from "../media/remux.js";
import { readSampleTable, samplesIn, type Sample, type SampleEntry } from "../media/samples.js";
import type { Fingerprint } from "./coverage.js";
import { gapsOf, type Delivered, type FrameFacts } from "./facts.js";
import type { Promptness } from "./promptness.js";
import type { SamplingPlan } from "./sampling/plan.js";

export interface FragmentPicturesOptions {
  readonly options: SourceOptions;
  readonly init: InitSegment;
  readonly promptness: Promptness;
  readonly plan: SamplingPlan;
  readonly delivered: Delivered | undefined;
  /** Gaps that the first wanted frame takes along. */
  readonly takeGaps: () => readonly Gap[];
  /** They are to be told with another frame. */
  readonly returnGaps: (gaps: readonly Gap[]) => void;
}

/** Both are held for a moment: a hostile server should not double what its largest fragment takes. Ten seconds of 4K are less. */
const MAX_FETCHED_AGAIN_BYTES = 24 * 2 ** 20;

/** What was read of a fragment. */
export interface ReadFragment {
  readonly fragment: FetchedFragment;
  /** Of all its pictures, in decoding order. */
  readonly table: readonly SampleEntry[];
  /** Those that have come, in decoding order. */
  readonly samples: readonly Sample[];
  readonly fingerprint: Fingerprint;
}

/** A key picture that is decoded alone. */
export interface KeySample {
  readonly sample: Sample;
  readonly facts: FrameFacts;
}

/** What is wanted of a fragment, ready to be decoded. */
export type Decodable =
  | { readonly areKeys: true; readonly keys: readonly KeySample[] }
  | { readonly areKeys: false; readonly coded: CodedPictures<FrameFacts> };

export interface ChosenFragment {
  readonly fragment: FetchedFragment;
  /** Pictures that it holds, and those of them that are decoded. */
  readonly frames: number;
  readonly decoded: number;
  /** undefined: nothing is wanted. */
  readonly decodable: Decodable | undefined;
  /** Frames that cannot be decoded, unless a frame after them tells of them. */
  readonly lost: readonly FrameFacts[];
}

/** From a fragment's bytes to what the decoder gets, for as long as the init segment stays the same. */
export class FragmentPictures {
  readonly #remuxer: Remuxer;
  /** Where coded bytes came from. Not by the pictures: those may come back with fewer of them wanted. */
  readonly #origin = new WeakMap<CodedPictures<FrameFacts>["bytes"], FetchedFragment>();

  constructor(private readonly of: FragmentPicturesOptions) {
    this.#remuxer = new Remuxer(of.init.trackId);
  }

  /**
   * The samples of a fragment; one that is broken is fetched once more, since the trouble may have been on the way.
   * @throws HLSStreamError MALFORMED_MEDIA, or what fetching it failed with, or the signal's reason
   */
  async read(fragment: FetchedFragment): Promise<ReadFragment> {
    try {
      return this.#read(fragment);
    } catch (error) {
      if (!(error instanceof HLSStreamError) || fragment.body.length > MAX_FETCHED_AGAIN_BYTES) throw error;
      const again = await fragment.whole();
      if (again.body.equals(fragment.body)) throw error;
      return this.#read(again);
    }
  }

  /**
   * What to deliver of a fragment, and what must be decoded for it. Takes the ticks of the grid.
   * @throws as {@link read}, where more of it is needed than was foreseen
   */
  async choose(read: ReadFragment): Promise<ChosenFragment> {
    const { plan, returnGaps } = this.of;
    const { ref } = read.fragment;
    const { areKeys, picked, bytes } = plan.choose(read.table, read.fragment.total, ref);
    const wanted = this.#wanted(read, new Set(picked));
    try {
      const isThere = bytes <= read.fragment.body.length || wanted.length === 0;
      const { fragment, samples } = isThere ? read : await this.read(await read.fragment.upTo(bytes));
      const common = { fragment, frames: read.table.length };
      if (wanted.length === 0) return { ...common, decoded: 0, decodable: undefined, lost: [] };
      const chosen = areKeys ? keysFor(wanted, samples, this.of.init) : this.#write(wanted, samples, fragment);
      if (chosen.lost.length > 0) plan.giveBack();
      return { ...common, ...chosen };
    } catch (error) {
      plan.giveBack();
      returnGaps(wanted.flatMap(({ gapsBefore }) => gapsBefore));
      throw error;
    }
  }

  /**
   * The same pictures from a new download.
   * @returns undefined when that gives the same bytes or none that can be read
   */
  async renew(pictures: CodedPictures<FrameFacts>): Promise<CodedPictures<FrameFacts> | undefined> {
    const samples = await this.#renewed(this.#origin.get(pictures.bytes));
    return samples && this.#code(samples, [...pictures.wanted.values()]);
  }

  /** As {@link renew}, for a key picture. */
  async renewKey({ facts }: KeySample, fragment: FetchedFragment): Promise<KeySample | undefined> {
    const sample = (await this.#renewed(fragment))?.find(({ index }) => index === facts.index);
    return sample && { sample, facts };
  }

  async #renewed(fragment: FetchedFragment | undefined): Promise<readonly Sample[] | undefined> {
    if (fragment === undefined || fragment.body.length > MAX_FETCHED_AGAIN_BYTES) return undefined;
    const again = await fragment.again();
    if (again.body.equals(fragment.body)) return undefined;
    try {
      return this.#read(again).samples;
    } catch (error) {
      if (error instanceof HLSStreamError) return undefined;
      throw error;
    }
  }

  /**
   * Pictures before the first key picture are given up, though the fragment before may hold what they need: nothing in them
   * tells whether it does, and if not, they would come out smeared and without an error.
   */
  #write(wanted: readonly FrameFacts[], samples: readonly Sample[], fragment: FetchedFragment): Pick<ChosenFragment, "decoded" | "decodable" | "lost"> {
    const firstKey = samples.findIndex((sample) => isKeyPicture(sample, this.of.init));
    const decodable = firstKey === -1 ? [] : samples.slice(firstKey);
    const indexes = new Set(decodable.map(({ index }) => index));
    const lost = wanted.filter(({ index }) => !indexes.has(index));
    const [first, ...rest] = wanted.filter(({ index }) => indexes.has(index));
    if (first === undefined) return { decoded: 0, decodable: undefined, lost };
    const told = lost.length === 0 ? first : { ...first, gapsBefore: [...gapsOf(lost), ...first.gapsBefore] };
    const needed = neededForAll(new Set([first, ...rest].map(({ index }) => index)), decodable, this.of.init);
    const coded = this.#code(needed, [told, ...rest]);
    this.#origin.set(coded.bytes, fragment);
    return { decoded: needed.length, decodable: { areKeys: false, coded }, lost: [] };
  }

  #code(samples: readonly Sample[], wanted: readonly FrameFacts[]): CodedPictures<FrameFacts> {
    return this.#remuxer.write(samples, new Map(wanted.map((facts) => [facts.index, facts])), this.of.promptness.heldBack(samples));
  }

  #read(fragment: FetchedFragment): ReadFragment {
    const { init } = this.of;
    const { body, total } = fragment;
    const table = readSampleTable(body, init, total);
    if (table === undefined) throw new HLSStreamError(`cannot read a fragment: ${body.length} of its ${total} bytes do not hold its sample table`, { code: "MALFORMED_MEDIA" });
    const samples = samplesIn(table, body);
    checkPictures(samples, init);
    return { fragment, table, samples, fingerprint: fingerprintOf(table, samples) };
  }

  /** Of the picked pictures, in order of presentation, those that are asked for and were not delivered before. */
  #wanted({ table, fragment: { ref, receivedAt } }: ReadFragment, picked: ReadonlySet<number>): FrameFacts[] {
    const { options, delivered, takeGaps } = this.of;
    const ordered = [...table].sort((a, b) => a.index - b.index);
    const times = ordered.map(({ ptsMs }) => Math.round(ref.startMs + ptsMs));
    const { start = -Infinity, end = Infinity } = options;
    const isNew = (index: number): boolean => ref.number !== delivered?.fragment.number || index > delivered.index;
    const isAskedFor = (time = Number.NaN): boolean => time >= start && time < end;
    const wanted = ordered.filter(({ index }) => picked.has(index) && isNew(index) && isAskedFor(times[index]));
    return wanted.map(({ index, ptsMs, sync }): FrameFacts => {
      const capturedAt = times[index] ?? Number.NaN;
      const untilMs = times[index + 1] ?? Math.max(capturedAt, Math.round(ref.startMs + ref.durationMs));
      const endsFragment = index === wanted.at(-1)?.index;
      return { ref, endsFragment, untilMs, gapsBefore: takeGaps(), capturedAt, clock: options.clock, receivedAt, fragment: ref.number, index, keyframe: sync, pts: ptsMs };
    });
  }
}

/**
 * Where the flags say nothing, the first picture of a fragment that lacks its own first one is taken for a key picture. Decoded
 * alone it would come out smeared, over a picture that the decoder had before, of whichever camera, and without an error.
 */
function keysFor(wanted: readonly FrameFacts[], samples: readonly Sample[], init: InitSegment): Pick<ChosenFragment, "decoded" | "decodable" | "lost"> {
  const keys = wanted.flatMap((facts): KeySample[] => {
    const sample = samples.find(({ index }) => index === facts.index);
    return sample && isKeyPicture(sample, init) ? [{ sample, facts }] : [];
  });
  if (keys.length === 0) return { decoded: 0, decodable: undefined, lost: wanted };
  return { decoded: keys.length, decodable: { areKeys: true, keys }, lost: [] };
}

function fingerprintOf(table: readonly SampleEntry[], samples: readonly Sample[]): Fingerprint {
  const hash = createHash("sha1");
  const [first] = samples;
  if (first) hash.update(first.data);
  const beginning = hash.copy().update(table.map(({ size, ptsMs }) => `${size}@${ptsMs}`).join()).digest("base64");
  if (samples.length < table.length) return { beginning, whole: undefined };
  for (const { data } of samples.slice(1)) hash.update(data);
  return { beginning, whole: hash.digest("base64") };
}
