import { BitReader } from "./bits.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES, type NalUnit } from "./nal.js";
import { tryReadPicture, type PictureParameters } from "./pps.js";
import { pictureParametersOf } from "./slice.js";
import { tryReadSequence, type SequenceParameters } from "./sps.js";

type Codec = InitSegment["codec"];

/** A parameter set and what it says; undefined where it cannot be read. */
interface Known<T> {
  readonly nal: Buffer;
  readonly parameters: T;
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

/** The parameter sets of a stream as far as it has been read: those of its init segment, and those that came in samples. */
export class ParameterSets {
  /** By type and id: where the id cannot be read, by the bytes. */
  readonly #all = new Map<string, NalUnit>();
  readonly #sequences = new Map<number, Known<SequenceParameters>>();
  readonly #pictures = new Map<number, Known<PictureParameters>>();

  /** @param configuration body of avcC or hvcC */
  constructor(
    private readonly codec: Codec,
    configuration: Buffer,
  ) {
    for (const unit of setsIn(codec, configuration)) this.add(unit);
  }

  /** Returns one that goes on from here by itself. */
  clone(): ParameterSets {
    const other = new ParameterSets(this.codec, Buffer.alloc(0));
    for (const unit of this.#all.values()) other.add(unit);
    return other;
  }

  /** All of them, in the order in which decoders need them. */
  get units(): readonly NalUnit[] {
    return [...this.#all.values()].sort((a, b) => a.type - b.type);
  }

  add(unit: NalUnit): void {
    const { codec } = this;
    const { sequence, picture } = NAL_RULES[codec];
    const isKnown = [...this.#all.values()].some(({ bytes }) => bytes.equals(unit.bytes));
    if (isKnown || unit.bytes.length > MOST_BYTES) return;
    // Whoever reuses a fragment's memory must not change them.
    const bytes = Buffer.from(unit.bytes);
    const sps = unit.type === sequence ? tryReadSequence(codec, bytes) : undefined;
    const pps = unit.type === picture ? tryReadPicture(codec, bytes) : undefined;
    const key = `${unit.type}:${sps?.id ?? pps?.id ?? idOf(codec, unit)}`;
    if (this.#all.size >= MOST_SETS && !this.#all.has(key)) return;
    if (sps !== undefined) this.#sequences.set(sps.id, { nal: bytes, parameters: sps });
    if (pps !== undefined) this.#pictures.set(pps.id, { nal: bytes, parameters: pps });
    this.#all.set(key, { type: unit.type, bytes });
  }

  /** Returns the sets that a slice goes by; undefined when they have not come, or cannot be read. */
  activeFor({ bytes, type }: NalUnit): ActiveSets | undefined {
    const pps = this.#pictures.get(pictureIdOf(this.codec, bytes, type))?.parameters;
    const sequence = pps && this.#sequences.get(pps.sequenceId);
    return pps && sequence && { sps: sequence.parameters, pps, nal: sequence.nal };
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

/** Video parameter sets have their id in the first four bits; of others that cannot be read, the bytes tell them apart. */
function idOf(codec: Codec, { type, bytes }: NalUnit): string {
  const { headerBytes, sequence, picture } = NAL_RULES[codec];
  const isOther = type !== sequence && type !== picture;
  return isOther && bytes.length > headerBytes ? String(new BitReader(bytes.subarray(headerBytes)).bits(4)) : bytes.toString("base64");
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
