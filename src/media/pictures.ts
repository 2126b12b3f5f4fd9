import type { DecoderSetup } from "../core/picture.js";
import { readAccessUnit, type AccessUnit } from "./access-unit.js";
import { isDisposable, type FaultySample } from "./faulty-sample.js";
import type { InitSegment } from "./init.js";
import { joinUnits, NAL_RULES, type NalUnit } from "./nal.js";
import { withoutLacking, type FrameNumberSkips } from "./missing-references.js";
import { withoutOverwritten, type NoisySamples } from "./overwritten.js";
import { ParameterSets, type ActiveSets } from "./parameter-sets.js";
import { kindOf, type PictureKind } from "./picture-kind.js";
import { outputRanks } from "./picture-order.js";
import { keepingPrior } from "./prior-pictures.js";
import { depthOf, MOST_DEPTH, sampleWithReorderDepth } from "./reorder-depth.js";
import type { Sample } from "./samples.js";
import { SetupKeeper, type SetUp } from "./setup-keeper.js";
import { readH264Slice, readH265Slice, type SliceHeader } from "./slice.js";

/** A sample that holds a picture, ready for a decoder. */
export interface CodedPicture extends Sample {
  /** Rank in output order among the pictures read with it, from 0. */
  readonly order: number;
  readonly kind: PictureKind;
  /** What a decoder must know ahead of it; the same object for as long as that stays the same. */
  readonly setup: DecoderSetup;
  /** How deep the pictures of its fragment are reordered. */
  readonly depth: number;
  /** Its sample has parameter sets, which pictures after it may go by. */
  readonly carriesSets: boolean;
}

export interface ReadPictures {
  /** In decoding order. */
  readonly pictures: readonly CodedPicture[];
  readonly faulty: readonly FaultySample[];
  /** Indexes of samples that hold no picture, the second field of one, or one that is never shown. */
  readonly unshown: ReadonlySet<number>;
  /** How many samples hold no picture. */
  readonly empty: number;
  /** What held where the fragment begins. */
  readonly begin: ReaderState;
}

/** A picture of which the order is not known yet. */
interface Draft {
  readonly sample: Sample;
  readonly units: readonly NalUnit[];
  readonly isPlain: boolean;
  readonly header: SliceHeader;
  readonly active: ActiveSets;
  /** All sets in force at the picture. */
  readonly sets: ParameterSets;
  readonly kind: PictureKind;
  /** Index of its last sample: the second field may be in a separate one. */
  readonly lastIndex: number;
  /** Indexes of the samples right ahead of it that hold neither a picture nor parameter sets. */
  readonly emptyAhead: readonly number[];
}

/** More units ahead of a picture than any encoder sends. */
const MOST_AHEAD = 64;
/** No sample needs more sets, and each costs work. */
const MOST_SETS_A_SAMPLE = 64;

/** What holds at the border of two fragments. */
export interface ReaderState {
  readonly sets: ParameterSets;
  /** Parameter sets that came behind the last picture, so that they belong to the next one. */
  readonly leftOver: readonly NalUnit[];
  /** What the last picture was set up with. */
  readonly last: SetUp | undefined;
  /** What the last fragment skipped. */
  readonly skips: FrameNumberSkips;
  /** Samples that began with noise in the last fragments. */
  readonly noisy: NoisySamples;
}

/** Reads the pictures of one init segment's samples: remembers the parameter sets that came in samples, and how deep pictures are reordered. */
export class PictureReader {
  /** At the end of the fragment that was read last. */
  #state: ReaderState;
  #depth = 0;
  readonly #setups: SetupKeeper;

  constructor(private readonly init: InitSegment) {
    this.#setups = new SetupKeeper(init);
    this.#state = { sets: ParameterSets.of(init.codec, Buffer.from(init.configuration, "base64")), leftOver: [], last: undefined, skips: new Map(), noisy: new Map() };
  }

  /**
   * Reads the next fragment, or one again.
   * @param samples of it, from its first one on, in decoding order
   * @param begin what held where it begins: {@link ReadPictures.begin} of when it was read before
   * @throws HLSStreamError UNSUPPORTED_MEDIA for a parameter set with a size that cannot be decoded
   */
  read(samples: readonly Sample[], begin = this.#state): ReadPictures {
    const { read, end } = this.#read(samples, begin);
    this.#state = end;
    return read;
  }

  /** Reads a fragment out of turn, which changes nothing for those to come; see {@link read}. */
  readAside(samples: readonly Sample[], begin = this.#state): ReadPictures {
    return this.#read(samples, begin).read;
  }

  #read(samples: readonly Sample[], begin: ReaderState): { readonly read: ReadPictures; readonly end: ReaderState } {
    const drafts: Draft[] = [];
    const faulty: FaultySample[] = [];
    const unshown = new Set<number>();
    const empty = new Set<number>();
    let emptyAhead: number[] = [];
    let { sets, leftOver: ahead } = begin;
    const areFlagged = samples.length > 1 && samples.every(({ sync }) => sync);
    for (const [place, sample] of samples.entries()) {
      const { unit, behind } = this.#withoutSetsBehind(readAccessUnit(sample.data, this.init));
      if (unit.fault === undefined) sets = this.#withSets(sets, unit);
      const draft = unit.fault ?? this.#draft(sample, unit, ahead, sets, { isFirst: drafts.length + faulty.length === 0, areFlagged, emptyAhead });
      if (draft === undefined) {
        empty.add(sample.index);
        // Encoders put parameter sets into samples of their own; one that has nothing but a delimiter may have lost its picture.
        if (!unit.units.some(({ type }) => NAL_RULES[this.init.codec].isParameterSet(type))) emptyAhead.push(sample.index);
        ahead = this.#bounded([...ahead, ...unit.units]);
      } else if (typeof draft === "string") {
        faulty.push({ index: sample.index, position: drafts.length, fault: draft, isDisposable: isDisposable(unit, this.init.codec), mayBeginIn: unit.beginsWithNoise ? samples[place - 1]?.index : undefined });
        emptyAhead = [];
      } else {
        ahead = behind;
        if (!this.#joinField(drafts, draft, unshown)) drafts.push(draft);
        emptyAhead = [];
        if (!draft.header.isShown) unshown.add(sample.index);
        sets = this.#withSets(sets, { units: behind });
      }
    }
    const { noisy, ...clean } = withoutOverwritten({ pictures: drafts, faulty }, samples.length, begin.noisy);
    const checked = withoutLacking(clean, begin.skips);
    for (const { index } of checked.faulty) empty.delete(index);
    const { pictures, last } = this.#finish(checked.pictures, begin.last, checked.faulty.length > 0);
    return { read: { pictures, faulty: checked.faulty, unshown: new Set([...unshown, ...empty]), empty: empty.size, begin }, end: { sets, leftOver: this.#kept(ahead), last, skips: checked.skips, noisy } };
  }

  /** Takes parameter sets behind a sample's slices out of it: they hold from the next picture on, and go ahead of that one. */
  #withoutSetsBehind(unit: AccessUnit): { readonly unit: AccessUnit; readonly behind: readonly NalUnit[] } {
    const { isSlice, isParameterSet } = NAL_RULES[this.init.codec];
    const first = unit.units.findIndex(({ type }) => isSlice(type));
    const behind = first === -1 ? [] : unit.units.slice(first).filter(({ type }) => isParameterSet(type));
    if (behind.length === 0) return { unit, behind };
    return { unit: { ...unit, units: unit.units.filter((each) => !behind.includes(each)), isPlain: false }, behind: behind.slice(0, MOST_SETS_A_SAMPLE) };
  }

  #withSets(sets: ParameterSets, { units }: Pick<AccessUnit, "units">): ParameterSets {
    const own = units.filter(({ type }) => NAL_RULES[this.init.codec].isParameterSet(type));
    return own.slice(0, MOST_SETS_A_SAMPLE).reduce((all, unit) => all.with(unit), sets);
  }

  /** Of more units than any encoder sends ahead of a picture, parameter sets alone are needed. */
  #bounded(units: readonly NalUnit[]): readonly NalUnit[] {
    if (units.length <= MOST_AHEAD) return units;
    return units.filter(({ type }) => NAL_RULES[this.init.codec].isParameterSet(type)).slice(-MOST_AHEAD);
  }

  /** Copies, since a fragment's memory is used again. */
  #kept(ahead: readonly NalUnit[]): NalUnit[] {
    const sets = ahead.filter(({ type }) => NAL_RULES[this.init.codec].isParameterSet(type));
    return sets.map(({ type, bytes }) => ({ type, bytes: Buffer.from(bytes) }));
  }

  /** Returns undefined for a sample without a picture, and a string that says why a picture cannot be decoded. */
  #draft(sample: Sample, { units, isPlain }: AccessUnit, ahead: readonly NalUnit[], sets: ParameterSets, { emptyAhead, ...place }: { isFirst: boolean; areFlagged: boolean; emptyAhead: readonly number[] }): Draft | string | undefined {
    const { codec } = this.init;
    const slice = units.find(({ type }) => NAL_RULES[codec].isSlice(type));
    if (slice === undefined) return undefined;
    const active = sets.activeFor(slice);
    if (active === undefined) return "a slice whose parameter sets have not come";
    const came = ahead.length === 0 ? units : [...ahead, ...units];
    const all = codec === "h265" ? came.map(keepingPrior) : came;
    const isSame = ahead.length === 0 && all.every((each, at) => each === came[at]);
    try {
      const { sps, pps } = active;
      const header = codec === "h264" ? readH264Slice(slice.bytes, sps, pps) : readH265Slice(slice.bytes, slice.type, sps, pps);
      const kind = kindOf(all, { codec, header, sps, sync: sample.sync, ...place });
      return { sample, units: all, isPlain: isPlain && isSame, header, active, sets, kind, emptyAhead, lastIndex: sample.index };
    } catch (error) {
      if (error instanceof RangeError) return "a slice whose header is cut off";
      throw error;
    }
  }

  /** Two fields of one frame in two samples are one picture. Returns whether the draft was the second one. */
  #joinField(drafts: Draft[], draft: Draft, unshown: Set<number>): boolean {
    const last = drafts.at(-1);
    const isSecond =
      last?.header.field !== undefined &&
      draft.header.field !== undefined &&
      last.header.field !== draft.header.field &&
      last.header.frameNum === draft.header.frameNum &&
      !draft.kind.isReset &&
      !this.#hasBothFields(last) &&
      !this.#hasBothFields(draft);
    if (!last || !isSecond) return false;
    drafts[drafts.length - 1] = { ...last, units: [...last.units, ...draft.units], isPlain: false, lastIndex: draft.sample.index };
    unshown.add(draft.sample.index);
    return true;
  }

  #hasBothFields({ units, header, active: { sps, pps } }: Draft): boolean {
    const last = units.filter(({ type }) => NAL_RULES.h264.isSlice(type)).at(-1);
    try {
      return last !== undefined && readH264Slice(last.bytes, sps, pps).field !== header.field;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  /** @param isDamaged so that what slices say may be wrong: it counts for this fragment only */
  #finish(drafts: readonly Draft[], before: SetUp | undefined, isDamaged: boolean): { pictures: CodedPicture[]; last: SetUp | undefined } {
    const ranks = outputRanks(drafts.map(({ header, active, kind }) => ({ header, sps: active.sps, isReset: kind.isReset, isReference: kind.countsForOrder })));
    const seen = depthOf(ranks);
    const depth = Math.min(MOST_DEPTH, Math.max(this.#depth, seen));
    if (!isDamaged) this.#depth = depth;
    let last = before;
    const pictures = drafts.map((draft, at): CodedPicture => {
      last = this.#setups.next(draft, depth, last);
      const { sample, kind } = draft;
      return { ...sample, data: this.#dataOf(draft, last.depth), order: ranks[at] ?? at, kind, setup: last.setup, depth: seen, carriesSets: this.#carriesSets(draft) };
    });
    return { pictures, last };
  }

  #carriesSets({ units }: Draft): boolean {
    return units.some(({ type }) => NAL_RULES[this.init.codec].isParameterSet(type));
  }

  #dataOf({ sample: { data }, units, isPlain }: Draft, depth: number | undefined): Buffer {
    const { codec } = this.init;
    const hasSequence = depth !== undefined && units.some(({ type }) => type === NAL_RULES[codec].sequence);
    if (hasSequence) return sampleWithReorderDepth(units, codec, depth);
    return isPlain ? data : joinUnits(units);
  }
}

/** Whether a picture is a key frame by what it holds: not every muxer sets the flags, and some set all. A gradual refresh begins with one by its flag. */
export const isKeyFrame = ({ kind, sync }: Pick<CodedPicture, "kind" | "sync">): boolean => kind.isRandomAccess || (sync && kind.recoversAfter !== undefined);
