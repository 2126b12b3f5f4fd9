import type { InitSegment } from "./init.js";
import { NAL_RULES, type NalUnit } from "./nal.js";
import { tryReadPicture, type PictureParameters } from "./pps.js";
import { pictureParametersOf } from "./slice.js";
import { tryReadSequence, type SequenceParameters } from "./sps.js";

type Codec = InitSegment["codec"];

/** A parameter set and what it says, by its type. */
interface KnownSet {
  readonly unit: NalUnit;
  readonly id: number;
  readonly sps?: SequenceParameters;
  readonly pps?: PictureParameters;
}

/** The parameter sets that slices go by. */
export interface ActiveSets {
  readonly sps: SequenceParameters;
  readonly pps: PictureParameters;
  /** The sequence parameter set as it was sent, with its header. */
  readonly nal: Buffer;
}

/** More sets of a kind than any standard allows. */
const MOST_SETS = 256;
/** Its length has two bytes in a codec's own box. */
const MOST_BYTES = 0xff_ff;

/** The parameter sets in force at a place of a stream: those of its init segment, and those that came in samples. It never changes. */
export class ParameterSets {
  /** By type and id. */
  readonly #all: ReadonlyMap<string, KnownSet>;
  #units: readonly NalUnit[] | undefined;
  #key: string | undefined;

  private constructor(
    private readonly codec: Codec,
    all: ReadonlyMap<string, KnownSet>,
  ) {
    this.#all = all;
  }

  /** @param configuration body of avcC or hvcC */
  static of(codec: Codec, configuration: Buffer): ParameterSets {
    const none = new ParameterSets(codec, new Map());
    return setsIn(codec, configuration).reduce((sets, unit) => sets.with(unit), none);
  }

  /** All of them, in the order in which decoders need them. */
  get units(): readonly NalUnit[] {
    this.#units ??= [...this.#all.values()].map(({ unit }) => unit).sort((a, b) => a.type - b.type);
    return this.#units;
  }

  /** Equal for equal sets. */
  get key(): string {
    this.#key ??= this.units.map(({ bytes }) => bytes.toString("base64")).join();
    return this.#key;
  }

  /** Returns the sets in force once this one has come, too: the same ones for one that is known, or cannot be read. */
  with(unit: NalUnit): ParameterSets {
    if (unit.bytes.length > MOST_BYTES) return this;
    for (const { unit: known } of this.#all.values()) if (known.bytes.equals(unit.bytes)) return this;
    // Whoever reuses a fragment's memory must not change them.
    const set = this.#read({ type: unit.type, bytes: Buffer.from(unit.bytes) });
    if (set === undefined) return this;
    const key = `${unit.type}:${set.id}`;
    if (this.#all.size >= MOST_SETS && !this.#all.has(key)) return this;
    return new ParameterSets(this.codec, new Map(this.#all).set(key, set));
  }

  #read(unit: NalUnit): KnownSet | undefined {
    const { sequence, picture, headerBytes } = NAL_RULES[this.codec];
    if (unit.type === sequence) {
      const sps = tryReadSequence(this.codec, unit.bytes);
      return sps && { unit, id: sps.id, sps };
    }
    if (unit.type === picture) {
      const pps = tryReadPicture(this.codec, unit.bytes);
      return pps && { unit, id: pps.id, pps };
    }
    // Video parameter sets of H.265 have their id in the first four bits.
    const header = unit.bytes[headerBytes];
    return header === undefined ? undefined : { unit, id: header >> 4 };
  }

  /** Returns the sets that a slice goes by; undefined when they have not come, or cannot be read. */
  activeFor({ bytes, type }: NalUnit): ActiveSets | undefined {
    const { sequence, picture } = NAL_RULES[this.codec];
    const pps = this.#all.get(`${picture}:${pictureIdOf(this.codec, bytes, type)}`)?.pps;
    const set = pps && this.#all.get(`${sequence}:${pps.sequenceId}`);
    return pps && set?.sps && { sps: set.sps, pps, nal: set.unit.bytes };
  }
}

function pictureIdOf(codec: Codec, nal: Buffer, type: number): number {
  try {
    return pictureParametersOf(codec, nal, type);
  } catch (error) {
    if (error instanceof RangeError) return -1;
    throw error;
  }
}

/** Returns the parameter sets of a codec's own box, as far as they are whole. */
export function setsIn(codec: Codec, configuration: Buffer): NalUnit[] {
  const { typeOf, isParameterSet } = NAL_RULES[codec];
  const nals = codec === "h264" ? h264Sets(configuration) : h265Sets(configuration);
  return nals.map((bytes) => ({ type: typeOf(bytes[0] ?? 0), bytes })).filter(({ type }) => isParameterSet(type));
}

/** Returns the first sequence parameter set of a codec's own box, with its NAL header. */
export const spsOf = (codec: Codec, configuration: Buffer): Buffer | undefined =>
  setsIn(codec, configuration).find(({ type }) => type === NAL_RULES[codec].sequence)?.bytes;

/** ISO/IEC 14496-15 5.3.3.1 */
function h264Sets(avcC: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (avcC[at] ?? 0) & mask;
    at += 1;
    for (let i = 0; i < count; i++) at = takeSet(avcC, at, sets);
  }
  return sets;
}

/** ISO/IEC 14496-15 8.3.3.1 */
function h265Sets(hvcC: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = 23;
  for (let array = 0; array < (hvcC[22] ?? 0) && at + 3 <= hvcC.length; array++) {
    const count = hvcC.readUInt16BE(at + 1);
    at += 3;
    for (let i = 0; i < count && at < hvcC.length; i++) at = takeSet(hvcC, at, sets);
  }
  return sets;
}

function takeSet(box: Buffer, at: number, into: Buffer[]): number {
  if (at + 2 > box.length) return box.length;
  const end = at + 2 + box.readUInt16BE(at);
  if (end <= box.length && end > at + 2) into.push(box.subarray(at + 2, end));
  return end;
}
