import type { SourceOptions } from "../core/options.js";
import type { CodedPictures, DecoderSetup } from "../core/picture.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import { follow, neededFor, ReferenceState, unreferencedIn, type Decodability } from "../media/dependencies.js";
import type { CodedPicture } from "../media/pictures.js";
import { Remuxer } from "../media/remux.js";
import { withGaps, type FrameFacts } from "./facts.js";
import { EarlierFragments } from "./earlier-fragments.js";
import { Promptness } from "./promptness.js";
import type { ReadFragment } from "./read-fragment.js";

/** The life of one decoder: the same object for as long as it goes on. */
export interface DecoderRun {
  readonly setup: DecoderSetup;
  /** It decodes key frames, each by itself. */
  readonly areKeys: boolean;
}

/** Pictures of a fragment that one decoder takes. */
export interface ChainPiece {
  readonly run: DecoderRun;
  readonly coded: CodedPictures<FrameFacts>;
}

export interface WrittenFragment {
  readonly pieces: readonly ChainPiece[];
  readonly decoded: number;
  /** Cannot be decoded, and no later frame reports them. */
  readonly lost: readonly FrameFacts[];
}

/** How far back to read for what pictures reference: a refresh takes a few seconds. */
const MOST_FRAGMENTS_BACK = 10;
const MOST_BACK_MS = 20_000;
const MOST_BACK_BYTES = 48 * 2 ** 20;
/** After this many fragments in a row that begin with an IDR picture, the stream counts as one that always does. */
const RESETS_IN_A_ROW = 20;

/** The pictures of some fragments in a row, of which the last one is wanted. */
interface Stretch {
  readonly pictures: readonly CodedPicture[];
  /** How many of them lie in fragments before it. */
  readonly before: number;
  readonly decodability: Decodability;
  /** After it. */
  readonly state: ReferenceState;
}

/**
 * Tracks the decoder's input, and so which pictures of the next fragment decode correctly. Where some would not, what they
 * reference is read from the fragments before, and a decoder begins there.
 */
export class DecodeChain {
  readonly #remuxer = new Remuxer();
  /** After the last fragment, if the decoder was given all of it that others may reference. */
  #state: ReferenceState | undefined;
  #run: DecoderRun | undefined;
  /** Where the last fragment was put in that decoding could begin with, to be right by its end: see {@link CodedPictures.first}. */
  #anchor = 0;
  #interrupts = 0;
  #needsAll = false;
  /** Fragments in a row that begin by themselves, since one did not. */
  #resetsInARow = 0;
  readonly #earlier: EarlierFragments;
  readonly #promptness = new Map<DecoderSetup, Promptness>();

  constructor(
    private readonly options: SourceOptions,
    /** Reads a fragment that lies before another. */
    readPast: (fragment: FetchedFragment, next: ReadFragment) => ReadFragment,
  ) {
    this.#earlier = new EarlierFragments(readPast);
  }

  /** Pictures reference others over the borders of fragments, so that all of each are needed. */
  get needsAll(): boolean {
    return this.#needsAll;
  }

  /** The decoder does not have what was read before: something was left out, or a decoder has failed. */
  interrupt(): void {
    this.#state = undefined;
    this.#interrupts += 1;
  }

  spoil(number: string): void {
    this.#earlier.spoil(number);
  }

  /**
   * @param wanted in output order
   * @param areKeys they were picked as key frames: one that turns out not to be a key frame is not worth reading back for
   */
  async write(wanted: readonly FrameFacts[], read: ReadFragment, areKeys: boolean): Promise<WrittenFragment> {
    this.#noteBeginning(read);
    const continues = this.#state !== undefined;
    const interrupts = this.#interrupts;
    const stretch = await this.#stretchFor(wanted, read, areKeys);
    const places = new Map(stretch.pictures.slice(stretch.before).map(({ index }, at) => [index, stretch.before + at]));
    const { given, lost } = withGaps(wanted, ({ index }) => stretch.decodability.isRight[places.get(index) ?? -1] === true);
    // Pictures of a refresh that is under way are no damage: with them, those behind them become right.
    const isUnderWay = stretch.decodability.canBeFed.slice(stretch.before).some(Boolean);
    const isSpoiled = read.faulty.length > 0 || (given.length < wanted.length && !isUnderWay && !isNoKey(read, areKeys));
    if (isSpoiled) this.spoil(read.fragment.ref.number);
    else if (given.length < wanted.length) this.#earlier.keep(read);
    const facts = new Map(given.map((each) => [places.get(each.index) ?? -1, each]));
    const needed = facts.size === 0 ? [] : this.#needed(new Set(facts.keys()), stretch, read);
    const [first] = needed.map((at) => stretch.pictures[at]);
    if (first === undefined) {
      this.#state = undefined;
      return { pieces: [], decoded: 0, lost };
    }
    const isNew = !(continues && stretch.before === 0) && !first.kind.isReset;
    // A decoder of H.265 goes on with any key frame, but not with pictures that it has had before.
    if (isNew && (stretch.before > 0 || first.setup.codec === "h264")) this.#run = undefined;
    const isFed = new Set(needed);
    const isUnreferenced = unreferencedIn(stretch.pictures);
    const isComplete = read.isWhole && stretch.pictures.every((_, at) => at < stretch.before || isFed.has(at) || isUnreferenced(at) || !stretch.decodability.canBeFed[at]);
    this.#state = isComplete && this.#interrupts === interrupts ? stretch.state : undefined;
    const pieces = this.#pieces(needed, stretch, facts, isNew);
    const hasPushed = pieces.reduce((sum, { coded }) => sum + coded.numbers.length, 0) > needed.length;
    if (hasPushed) this.#state = undefined;
    const isAnchor = stretch.before > 0 || new ReferenceState().follow(read.pictures, read.faulty).isRight.at(-1) === true;
    if (isAnchor) this.#anchor = pieces.at(-1)?.coded.first ?? this.#anchor;
    return { pieces, decoded: needed.length, lost };
  }

  /** A stream that has begun each fragment with an IDR picture for long enough is read by what is needed again. */
  #noteBeginning({ pictures: [first] }: ReadFragment): void {
    this.#resetsInARow = first?.kind.isIdr ? this.#resetsInARow + 1 : 0;
    if (first?.kind.isIdr) this.#earlier.forget();
    if (this.#resetsInARow >= RESETS_IN_A_ROW) this.#needsAll = false;
  }

  /** Writes the same frames from a fragment that was fetched again, for a separate decoder. */
  alone(read: ReadFragment, wanted: readonly FrameFacts[]): CodedPictures<FrameFacts> {
    const { isRight, canBeFed } = new ReferenceState().follow(read.pictures, read.faulty);
    const places = new Map(read.pictures.map(({ index }, at) => [index, at]));
    const given = wanted.filter(({ index }) => isRight[places.get(index) ?? -1]);
    const facts = new Map(given.map((each) => [places.get(each.index) ?? -1, each]));
    const needed = neededFor(new Set(facts.keys()), read.pictures, canBeFed);
    return this.#remuxer.write(needed.flatMap((at) => read.pictures[at] ?? []), new Map(needed.flatMap((at, place) => (facts.has(at) ? [[place, facts.get(at) as FrameFacts] as const] : []))));
  }

  async #stretchFor(wanted: readonly FrameFacts[], read: ReadFragment, areKeys: boolean): Promise<Stretch> {
    const indexes = new Set(wanted.map(({ index }) => index));
    const rightIn = ({ pictures, before, decodability: { isRight } }: Stretch): number => pictures.filter(({ index }, at) => at >= before && isRight[at] && indexes.has(index)).length;
    let best = followed(this.#state?.clone() ?? new ReferenceState(), [read]);
    if (rightIn(best) === wanted.length || (this.#state !== undefined && rightIn(best) > 0)) return best;
    // Behind an IDR picture nothing references what precedes it: what is not right is damaged.
    const isHelpless = read.pictures[0]?.kind.isIdr === true || read.faulty.some(({ position }) => position === 0);
    if (isNoKey(read, areKeys) || isHelpless) return best;
    const past: ReadFragment[] = [];
    let backBytes = 0;
    for (let last = read; past.length < MOST_FRAGMENTS_BACK; ) {
      const previous = await this.#earlier.before(last);
      if (previous === undefined || read.fragment.ref.startMs - previous.fragment.ref.startMs > MOST_BACK_MS) break;
      backBytes += previous.fragment.total;
      if (backBytes > MOST_BACK_BYTES) break;
      // With something missing between them, nothing before it helps.
      if (!follow(previous.pictures, (past[0] ?? read).pictures)) break;
      past.unshift(previous);
      last = previous;
      const stretch = followed(new ReferenceState(), [...past, read]);
      if (!stretch.pictures.every(({ setup }) => setup === stretch.pictures.at(-1)?.setup)) break;
      const isBetter = rightIn(stretch) > rightIn(best) || (rightIn(stretch) === rightIn(best) && fedIn(stretch) > fedIn(best));
      if (isBetter) {
        best = stretch;
        this.#needsAll = true;
      }
      if (rightIn(stretch) === wanted.length || previous.pictures.some(({ kind }) => kind.isReset)) break;
    }
    return best;
  }

  #needed(wanted: ReadonlySet<number>, stretch: Stretch, read: ReadFragment): number[] {
    const { pictures, decodability: { canBeFed } } = stretch;
    const needed = neededFor(wanted, pictures, canBeFed);
    if (!this.#needsAll || !read.isWhole) return needed;
    // What the next fragment may reference.
    const isNeeded = new Set(needed);
    const from = Math.min(...needed);
    const isUnreferenced = unreferencedIn(pictures);
    return pictures.flatMap((_, at) => (at >= from && canBeFed[at] && (isNeeded.has(at) || !isUnreferenced(at)) ? [at] : []));
  }

  #pieces(needed: readonly number[], { pictures, before, decodability: { isRight } }: Stretch, facts: ReadonlyMap<number, FrameFacts>, isNew: boolean): ChainPiece[] {
    const groups: number[][] = [];
    for (const at of needed) {
      const group = groups.at(-1);
      if (group && pictures[group[0] ?? 0]?.setup === pictures[at]?.setup) group.push(at);
      else groups.push([at]);
    }
    const standsFrom = pictures.findIndex(({ kind }, at) => at >= before && kind.isReset);
    return groups.flatMap((group, place): ChainPiece[] => {
      const samples = group.flatMap((at) => pictures[at] ?? []);
      const [first] = samples;
      const given = group.flatMap((at, position) => (facts.has(at) ? [[position, facts.get(at) as FrameFacts] as const] : []));
      if (first === undefined || given.length === 0) return [];
      const run = this.#runFor(first.setup);
      const leaning = new Set(group.flatMap((at, position) => (before === 0 && !isNew && place === 0 && needsEarlier(at, standsFrom, first, isRight) ? [position] : [])));
      // What pushes pictures out is a key frame, behind which a decoder has nothing left that the next fragment may reference.
      const promptness = this.promptnessOf(first.setup);
      const heldBack = promptness.heldBack(samples) * (this.#needsAll ? 0 : 1);
      const coded = this.#remuxer.write(samples, new Map(given), { heldBack, leaning, leansOn: this.#anchor });
      return [{ run, coded }];
    });
  }

  #runFor(setup: DecoderSetup): DecoderRun {
    if (this.#run?.setup !== setup) this.#run = { setup, areKeys: false };
    return this.#run;
  }

  promptnessOf(setup: DecoderSetup): Promptness {
    let known = this.#promptness.get(setup);
    if (known === undefined) {
      known = new Promptness(this.options, setup);
      this.#promptness.set(setup, known);
    }
    return known;
  }
}

const fedIn = ({ before, decodability: { canBeFed } }: Stretch): number => canBeFed.slice(before).filter(Boolean).length;

/** Whether a fragment was picked for a key frame that it does not hold: it is not read back for, and may be whole. */
const isNoKey = ({ pictures }: ReadFragment, areKeys: boolean): boolean => areKeys && pictures.every(({ kind }) => kind.recoversAfter === undefined);

/** Whether a picture references what came before its fragment, or may. */
const needsEarlier = (at: number, standsFrom: number, first: CodedPicture, isRight: readonly boolean[]): boolean =>
  !first.kind.isReset && isRight[at] === true && (standsFrom === -1 || at < standsFrom);

function followed(state: ReferenceState, fragments: readonly ReadFragment[]): Stretch {
  const parts = fragments.map(({ pictures, faulty }) => ({ pictures, ...state.follow(pictures, faulty) }));
  const pictures = parts.flatMap((part) => part.pictures);
  const decodability = { isRight: parts.flatMap(({ isRight }) => isRight), canBeFed: parts.flatMap(({ canBeFed }) => canBeFed) };
  return { pictures: ordered(fragments, pictures), before: pictures.length - (fragments.at(-1)?.pictures.length ?? 0), decodability, state };
}

/** Output order goes on from fragment to fragment. */
function ordered(fragments: readonly ReadFragment[], pictures: readonly CodedPicture[]): readonly CodedPicture[] {
  if (fragments.length === 1) return pictures;
  let base = 0;
  return fragments.flatMap((fragment) => {
    const from = base;
    base += fragment.pictures.length;
    return fragment.pictures.map((picture) => ({ ...picture, order: from + picture.order }));
  });
}
