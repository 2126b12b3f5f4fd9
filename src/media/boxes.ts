import { CONTAINERS, findIsoBox, readAvc1, readAvc3, readHev1, readHvc1, readIsoBoxes, readMdhd, readStsd, readTfdt, readTfhd, readTkhd, readTrex, readTrun, type IsoBoxMap, type IsoBoxReadView, type ParsedIsoBox } from "@svta/cml-iso-bmff";
import { HLSStreamError } from "../core/errors.js";

/** A box that the box reader does not know. */
export interface OpaqueBox {
  readonly type: string;
  /** What follows its header. */
  readonly body: Buffer;
}

/** What a codec's own box (avcC, hvcC) says of its samples. */
export interface CodecConfiguration extends OpaqueBox {
  /** Of the length before each NAL unit. */
  readonly nalLengthBytes: number;
}

const readBody = <T extends string>(type: T) => (view: IsoBoxReadView): OpaqueBox & { type: T } => ({ type, body: Buffer.from(view.readData(view.bytesRemaining)) });

/** @param at where lengthSizeMinusOne is in the box's body: ISO/IEC 14496-15 5.3.3.1 and 8.3.3.1 */
const readConfiguration = <T extends string>(type: T, at: number) => (view: IsoBoxReadView): CodecConfiguration & { type: T } => {
  const box = readBody(type)(view);
  return { ...box, nalLengthBytes: ((box.body[at] ?? 0x3) & 0x3) + 1 };
};

const READERS = {
  avc1: readAvc1,
  avc3: readAvc3,
  avcC: readConfiguration("avcC", 4),
  colr: readBody("colr"),
  hev1: readHev1,
  hvc1: readHvc1,
  hvcC: readConfiguration("hvcC", 21),
  mdhd: readMdhd,
  pasp: readBody("pasp"),
  stsd: readStsd,
  tfdt: readTfdt,
  tfhd: readTfhd,
  tkhd: readTkhd,
  trex: readTrex,
  trun: readTrun,
};

/**
 * The boxes of an init segment or fragment, each with its place in `bytes`.
 * @throws HLSStreamError MALFORMED_MEDIA when a box does not fit.
 */
export function readBoxes(bytes: Buffer, what: string, limits = new BoxLimits(what)): ParsedIsoBox[] {
  if (bytes.length === 0) throw malformed(what, "it is empty");
  try {
    new BoxCheck(bytes, what, limits).check(0, bytes.length);
    return readIsoBoxes(bytes, { readers: READERS }) as ParsedIsoBox[];
  } catch (cause) {
    throw cause instanceof HLSStreamError ? cause : malformed(what, "its boxes are broken", cause);
  }
}

/** The first box of that type, at any depth. */
export function findBox<T extends keyof IsoBoxMap>(boxes: Iterable<ParsedIsoBox>, type: T): IsoBoxMap[T] | undefined {
  return (findIsoBox(boxes, (box) => box.type === type) as IsoBoxMap[T] | null) ?? undefined;
}

export const malformed = (what: string, why: string, cause?: unknown): HLSStreamError =>
  new HLSStreamError(`cannot read ${what}: ${why}`, { code: "MALFORMED_MEDIA", cause });

/** Boxes that hold boxes, and how many bytes of their own come before the first of these. */
const BYTES_BEFORE_CHILDREN: ReadonlyMap<string, number> = new Map([
  ...CONTAINERS.map((type): [string, number] => [type, 0]),
  ["stsd", 8],
  ...["avc1", "avc3", "hev1", "hvc1"].map((type): [string, number] => [type, 78]),
]);

/** More than any fragment holds, in all its runs: twenty seconds at five hundred a second. */
const MAX_SAMPLES = 10_000;
/** Boxes of boxes, moov to the codec's own: eight. */
const MAX_DEPTH = 12;
/** Each costs memory many times its eight bytes. */
const MAX_BOXES = 10_000;
const TRUN_COUNT_AT = 12;

/** Counts what takes memory, over all that is read of one thing. */
export class BoxLimits {
  #boxes = 0;
  #samples = 0;

  constructor(private readonly what: string) {}

  /** @throws HLSStreamError MALFORMED_MEDIA for one box too many */
  addBox(): void {
    if (++this.#boxes > MAX_BOXES) throw malformed(this.what, `it is of more than ${MAX_BOXES} boxes`);
  }

  /** @throws HLSStreamError MALFORMED_MEDIA for too many samples */
  addSamples(count: number): void {
    this.#samples += count;
    if (this.#samples > MAX_SAMPLES) throw malformed(this.what, `it claims more than ${MAX_SAMPLES} pictures`);
  }
}

/**
 * Every box must fit the one around it. The box reader itself takes a cut box without complaint (but half a fragment silences
 * a decoder for good), goes round for ever on a 64-bit length of 0, and makes as many samples as a header of a few bytes says.
 */
class BoxCheck {
  constructor(
    private readonly bytes: Buffer,
    private readonly what: string,
    private readonly limits: BoxLimits,
  ) {}

  check(from: number, to: number, depth = 1): void {
    const { bytes, what } = this;
    if (depth > MAX_DEPTH) throw malformed(what, `its boxes are nested more than ${MAX_DEPTH} deep`);
    for (let at = from; at < to; ) {
      this.limits.addBox();
      if (to - at < 8) throw malformed(what, `${to - at} stray bytes after its last box`);
      const size = bytes.readUInt32BE(at);
      if (size < 8 || at + size > to) throw malformed(what, `a box of ${size} bytes at ${at} does not fit the ${to - at} bytes there are`);
      const type = bytes.toString("latin1", at + 4, at + 8);
      const before = BYTES_BEFORE_CHILDREN.get(type);
      if (before !== undefined) this.check(at + 8 + before, at + size, depth + 1);
      if (type === "trun") this.limits.addSamples(bytes.readUInt32BE(at + TRUN_COUNT_AT));
      at += size;
    }
  }
}
