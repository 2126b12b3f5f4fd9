import { beginsPicture, type AccessUnit } from "./access-unit.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";

/** A sample that is damaged. */
export interface FaultySample {
  readonly index: number;
  /** How many pictures precede it in decoding order. */
  readonly position: number;
  /** As the end of a sentence about the sample. */
  readonly fault: string;
  /** No other picture references its picture, so that it costs no other. */
  readonly isDisposable: boolean;
  /** It begins with noise ({@link AccessUnit.beginsWithNoise}) that may begin in the sample of this index, which is right ahead of it. */
  readonly mayBeginIn?: number | undefined;
}

/** Pictures in decoding order, and the damaged samples among them. */
export interface CheckedPictures<T> {
  readonly pictures: readonly T[];
  readonly faulty: readonly FaultySample[];
}

export interface SampledPicture {
  readonly sample: { readonly index: number };
  /** Indexes of the samples right ahead of it that hold neither a picture nor parameter sets. */
  readonly emptyAhead: readonly number[];
}

/** Why a picture is taken out; see {@link FaultySample}. */
export type Fault = Pick<FaultySample, "fault" | "isDisposable">;

/**
 * Takes pictures out, and counts their samples as damaged.
 * @param faults by the position of each picture to take out
 */
export function takeOut<T extends SampledPicture>({ pictures, faulty }: CheckedPictures<T>, faults: ReadonlyMap<number, Fault>): CheckedPictures<T> {
  if (faults.size === 0) return { pictures, faulty };
  const whole: T[] = [];
  /** How many pictures are left ahead of each position. */
  const leftAhead = [0];
  const found: FaultySample[] = [];
  for (const [at, picture] of pictures.entries()) {
    const fault = faults.get(at);
    if (fault === undefined) whole.push(picture);
    else {
      const lost = { ...fault, position: whole.length };
      found.push(...picture.emptyAhead.map((index) => ({ ...lost, index, fault: "nothing of its picture" })));
      found.push({ ...lost, index: picture.sample.index });
    }
    leftAhead.push(whole.length);
  }
  const others = faulty.map((sample) => ({ ...sample, position: leftAhead[sample.position] ?? sample.position }));
  return { pictures: whole, faulty: [...others, ...found] };
}

/** nal_ref_idc */
const REFERENCE_BITS = 0x60;
/** A slice of a picture that is no IDR picture, which others always may reference: H.264. */
const SLICE = 1;

/** What is left of a damaged sample shows whether others reference its picture; of H.265 only the layers of a whole fragment would. */
export function isDisposable({ units, cut }: AccessUnit, codec: InitSegment["codec"]): boolean {
  const isCutSlice = cut !== undefined && beginsPicture(cut, codec);
  const slice = [...units, ...(isCutSlice ? [cut] : [])].find(({ type }) => NAL_RULES[codec].isSlice(type));
  return codec === "h264" && slice?.type === SLICE && ((slice.bytes[0] ?? 0) & REFERENCE_BITS) === 0;
}
