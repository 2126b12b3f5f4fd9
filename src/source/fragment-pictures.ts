import { createHash } from "node:crypto";
import { HLSStreamError } from "../core/errors.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures } from "../core/picture.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { Gap } from "../hls/selection.js";
import { checkPictures } from "../media/coded-picture.js";
import type { InitSegment } from "../media/init.js";
import { isKeyPicture } from "../media/key-picture.js";
import { Remuxer } from "../media/remux.js";
import { readSamples, type Sample } from "../media/samples.js";
import { gapsOf, type Delivered, type FrameFacts } from "./facts.js";
import type { Promptness } from "./promptness.js";
import type { TickGrid } from "./sampling.js";

export interface FragmentPicturesOptions {
  readonly options: SourceOptions;
  readonly init: InitSegment;
  readonly promptness: Promptness;
  readonly grid: TickGrid | undefined;
  readonly delivered: Delivered | undefined;
  /** Gaps that the first wanted frame takes along. */
  readonly takeGaps: () => readonly Gap[];
}

/** Both are held for a moment: a hostile server should not double what its largest fragment takes. Ten seconds of 4K are less. */
const MAX_FETCHED_AGAIN_BYTES = 24 * 2 ** 20;

/** What was read of a fragment. */
export interface ReadFragment {
  readonly fragment: FetchedFragment;
  readonly samples: readonly Sample[];
  /** Of the coded pictures: the same for the same footage under another number. */
  readonly fingerprint: string;
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
      const again = await fragment.again();
      if (again.body.equals(fragment.body)) throw error;
      return this.#read(again);
    }
  }

  /**
   * Pictures before the first key picture are given up, though the fragment before may hold what they need: nothing in them
   * tells whether it does, and if not, they would come out smeared and without an error.
   * @returns what can be decoded, and the frames that cannot, unless a frame after them tells of them
   */
  write({ fragment, samples }: ReadFragment): { coded: CodedPictures<FrameFacts> | undefined; lost: readonly FrameFacts[] } {
    const firstKey = samples.findIndex((sample) => isKeyPicture(sample, this.of.init));
    const decodable = firstKey === -1 ? [] : samples.slice(firstKey);
    const indexes = new Set(decodable.map(({ index }) => index));
    const wanted = this.#choose(samples, fragment);
    const lost = wanted.filter(({ index }) => !indexes.has(index));
    if (decodable.length === 0) return { coded: undefined, lost };
    const [first, ...rest] = wanted.filter(({ index }) => indexes.has(index));
    const hasTeller = first !== undefined && lost.length > 0;
    const frames = hasTeller ? [{ ...first, gapsBefore: [...gapsOf(lost), ...first.gapsBefore] }, ...rest] : first ? [first, ...rest] : [];
    const coded = this.#code(decodable, frames);
    this.#origin.set(coded.bytes, fragment);
    return { coded, lost: hasTeller ? [] : lost };
  }

  /**
   * The same pictures from a new download.
   * @returns undefined when that gives the same bytes or none that can be read
   */
  async renew(pictures: CodedPictures<FrameFacts>): Promise<CodedPictures<FrameFacts> | undefined> {
    const fragment = this.#origin.get(pictures.bytes);
    if (fragment === undefined || fragment.body.length > MAX_FETCHED_AGAIN_BYTES) return undefined;
    const again = await fragment.again();
    if (again.body.equals(fragment.body)) return undefined;
    try {
      return this.#code(this.#read(again).samples, [...pictures.wanted.values()]);
    } catch (error) {
      if (error instanceof HLSStreamError) return undefined;
      throw error;
    }
  }

  #code(samples: readonly Sample[], wanted: readonly FrameFacts[]): CodedPictures<FrameFacts> {
    return this.#remuxer.write(samples, new Map(wanted.map((facts) => [facts.index, facts])), this.of.promptness.heldBack(samples));
  }

  #read(fragment: FetchedFragment): ReadFragment {
    const samples = readSamples(fragment.body, this.of.init);
    checkPictures(samples, this.of.init);
    const hash = createHash("sha1");
    for (const { data } of samples) hash.update(data);
    return { fragment, samples, fingerprint: hash.digest("base64") };
  }

  /** What to deliver of a fragment, in order of presentation: all that was not delivered before and that the grid picks. */
  #choose(samples: readonly Sample[], { ref, receivedAt }: FetchedFragment): FrameFacts[] {
    const { options, delivered, grid, takeGaps } = this.of;
    const ordered = [...samples].sort((a, b) => a.index - b.index);
    const times = ordered.map(({ ptsMs }) => Math.round(ref.startMs + ptsMs));
    const picked = new Set(grid?.pick(times) ?? times.keys());
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
