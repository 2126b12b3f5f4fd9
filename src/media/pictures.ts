import type { DecoderSetup } from "../core/picture.js";
import { readAccessUnit, type AccessUnit } from "./access-unit.js";
import { makeSetup } from "./decoder-setup.js";
import type { InitSegment } from "./init.js";
import { joinUnits, NAL_RULES, type NalUnit } from "./nal.js";
import { ParameterSets, type ActiveSets } from "./parameter-sets.js";
import { kindOf, type PictureKind } from "./picture-kind.js";
import { outputRanks } from "./picture-order.js";
import { sampleWithReorderDepth } from "./reorder-depth.js";
import type { Sample } from "./samples.js";
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
}

/** A sample that is damaged. */
export interface FaultySample {
  readonly index: number;
  /** How many pictures precede it in decoding order. */
  readonly position: number;
  /** As the end of a sentence about the sample. */
  readonly fault: string;
  /** No other picture references its picture, so that it costs no other. */
  readonly isDisposable: boolean;
}

export interface ReadPictures {
  /** In decoding order. */
  readonly pictures: readonly CodedPicture[];
  readonly faulty: readonly FaultySample[];
  /** Indexes of samples that hold no picture, or one that is never shown. */
  readonly unshown: ReadonlySet<number>;
}

/** A picture of which the order is not known yet. */
interface Draft {
  readonly sample: Sample;
  readonly units: readonly NalUnit[];
  readonly isPlain: boolean;
  readonly header: SliceHeader;
  readonly active: ActiveSets;
  readonly kind: PictureKind;
}

/** More pictures are never held back, so that none further away changes the order. */
const MOST_REORDERED = 64;
const MOST_DEPTH = 16;

/** Reads the pictures of one init segment's samples: remembers the parameter sets that came in samples, and how deep pictures are reordered. */
export class PictureReader {
  readonly #sets: ParameterSets;
  /** Came behind the last picture of a fragment, so that they belong to the next one. */
  #leftOver: readonly NalUnit[] = [];
  #depth = 0;
  readonly #setups = new Map<string, DecoderSetup>();

  constructor(private readonly init: InitSegment) {
    this.#sets = new ParameterSets(init.codec, Buffer.from(init.configuration, "base64"));
  }

  /**
   * @param samples of a fragment, from its first one on, in decoding order
   * @param isPast the fragment lies before others that were read
   * @throws HLSStreamError UNSUPPORTED_MEDIA for a parameter set with a size that cannot be decoded
   */
  read(samples: readonly Sample[], isPast = false): ReadPictures {
    const drafts: Draft[] = [];
    const faulty: FaultySample[] = [];
    const unshown = new Set<number>();
    // What an earlier fragment says does not count for those to come.
    const sets = isPast ? this.#sets.clone() : this.#sets;
    let ahead = isPast ? [] : this.#leftOver;
    const areFlagged = samples.length > 1 && samples.every(({ sync }) => sync);
    for (const sample of samples) {
      const unit = readAccessUnit(sample.data, this.init);
      const draft = unit.fault ?? this.#draft(sample, unit, ahead, sets, { isFirst: drafts.length === 0, areFlagged });
      if (draft === undefined) {
        unshown.add(sample.index);
        ahead = [...ahead, ...unit.units].slice(-MOST_REORDERED);
      } else if (typeof draft === "string") {
        faulty.push({ index: sample.index, position: drafts.length, fault: draft, isDisposable: isDisposable(unit, this.init.codec) });
      } else {
        ahead = [];
        if (!this.#joinField(drafts, draft, unshown)) drafts.push(draft);
        if (!draft.header.isShown) unshown.add(sample.index);
      }
    }
    if (!isPast) this.#leftOver = ahead.filter(({ type }) => NAL_RULES[this.init.codec].isParameterSet(type));
    return { pictures: this.#finish(drafts, sets), faulty, unshown };
  }

  /** Returns undefined for a sample without a picture, and a string that says why a picture cannot be decoded. */
  #draft(sample: Sample, { units, isPlain }: AccessUnit, ahead: readonly NalUnit[], sets: ParameterSets, place: { isFirst: boolean; areFlagged: boolean }): Draft | string | undefined {
    const { codec } = this.init;
    const rules = NAL_RULES[codec];
    for (const unit of units) if (rules.isParameterSet(unit.type)) sets.add(unit);
    const slice = units.find(({ type }) => rules.isSlice(type));
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
      return { sample, units: all, isPlain: isPlain && isSame, header, active, kind };
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
    drafts[drafts.length - 1] = { ...last, units: [...last.units, ...draft.units], isPlain: false };
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

  #finish(drafts: readonly Draft[], sets: ParameterSets): CodedPicture[] {
    const ranks = outputRanks(drafts.map(({ header, active, kind }) => ({ header, sps: active.sps, isReset: kind.isReset, isReference: kind.countsForOrder })));
    const depth = depthOf(ranks);
    this.#depth = Math.min(MOST_DEPTH, Math.max(this.#depth, depth));
    return drafts.map(({ sample, units, isPlain, active, kind }, at): CodedPicture => {
      const adjusted = this.#adjustedDepth(active);
      const setup = this.#setupFor(active, adjusted, sets);
      const data = this.#dataOf(sample, units, isPlain, adjusted);
      return { ...sample, data, order: ranks[at] ?? at, kind, setup, depth };
    });
  }

  /** Returns how deep the parameter set should say that pictures are reordered; undefined: it is right, or cannot be wrong. */
  #adjustedDepth({ sps: { reordering } }: ActiveSets): number | undefined {
    const isRight = reordering === undefined ? this.#depth === 0 : reordering.pictures >= this.#depth && reordering.pictures <= MOST_DEPTH;
    return isRight ? undefined : this.#depth;
  }

  #setupFor({ sps: { width, height }, nal }: ActiveSets, depth: number | undefined, sets: ParameterSets): DecoderSetup {
    const key = `${depth ?? "-"}:${nal.toString("base64")}`;
    const known = this.#setups.get(key);
    if (known !== undefined) return known;
    const setup = makeSetup({ init: this.init, sets: sets.units, width, height, depth });
    this.#setups.set(key, setup);
    return setup;
  }

  #dataOf({ data }: Sample, units: readonly NalUnit[], isPlain: boolean, depth: number | undefined): Buffer {
    const { codec } = this.init;
    const hasSequence = depth !== undefined && units.some(({ type }) => type === NAL_RULES[codec].sequence);
    if (hasSequence) return sampleWithReorderDepth(units, codec, depth);
    return isPlain ? data : joinUnits(units);
  }
}

/** Returns how many pictures precede one in decoding order that follow it in output order, at most. */
export function depthOf(ranks: readonly number[]): number {
  let depth = 0;
  for (const [at, rank] of ranks.entries()) {
    const before = ranks.slice(Math.max(0, at - MOST_REORDERED), at);
    depth = Math.max(depth, before.filter((other) => other > rank).length);
  }
  return depth;
}

/** What is left of a damaged sample shows whether others reference its picture; of H.265 only the layers of a whole fragment would. */
function isDisposable({ units, cut }: AccessUnit, codec: InitSegment["codec"]): boolean {
  const slice = [...units, ...(cut ? [cut] : [])].find(({ type }) => NAL_RULES[codec].isSlice(type));
  return codec === "h264" && slice !== undefined && ((slice.bytes[0] ?? 0) & REFERENCE_BITS) === 0;
}

/** nal_ref_idc */
const REFERENCE_BITS = 0x60;
const FIRST_IRAP = 16;
const LAST_IRAP = 23;
const NO_OUTPUT_OF_PRIOR = 0x40;

/** A key frame may tell a decoder to drop the pictures before it that it holds back: ISO/IEC 23008-2 7.4.7.1, no_output_of_prior_pics_flag. */
function keepingPrior(unit: NalUnit): NalUnit {
  const { type, bytes } = unit;
  if (type < FIRST_IRAP || type > LAST_IRAP || ((bytes[2] ?? 0) & NO_OUTPUT_OF_PRIOR) === 0) return unit;
  const kept = Buffer.from(bytes);
  kept[2] = (kept[2] ?? 0) & ~NO_OUTPUT_OF_PRIOR;
  // Zeros that would now need to be escaped: only the first segment counts.
  return kept[2] === 0 && kept[3] === 0 ? unit : { type, bytes: kept };
}
