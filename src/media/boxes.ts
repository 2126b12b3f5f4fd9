import { CONTAINERS, findIsoBox, readAvc1, readAvc3, readHev1, readHvc1, readIsoBoxes, readMdhd, readStsd, readTfdt, readTfhd, readTkhd, readTrex, readTrun, type IsoBoxMap, type ParsedIsoBox } from "@svta/cml-iso-bmff";
import { HLSStreamError } from "../core/errors.js";

const READERS = {
  avc1: readAvc1,
  avc3: readAvc3,
  hev1: readHev1,
  hvc1: readHvc1,
  mdhd: readMdhd,
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
export function readBoxes(bytes: Buffer, what: string): ParsedIsoBox[] {
  if (bytes.length === 0) throw malformed(what, "it is empty");
  try {
    checkBoxes(bytes, 0, bytes.length, what);
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

/** More than any fragment holds: ten seconds at ten thousand a second. */
const MAX_SAMPLES_A_RUN = 100_000;
const TRUN_COUNT_AT = 12;

/**
 * Every box must fit the one around it. The box reader itself takes a cut box without complaint (but half a fragment silences
 * a decoder for good), goes round for ever on a 64-bit length of 0, and makes as many samples as a header of a few bytes says.
 */
function checkBoxes(bytes: Buffer, from: number, to: number, what: string): void {
  for (let at = from; at < to; ) {
    if (to - at < 8) throw malformed(what, `${to - at} stray bytes after its last box`);
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > to) throw malformed(what, `a box of ${size} bytes at ${at} does not fit the ${to - at} bytes there are`);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const before = BYTES_BEFORE_CHILDREN.get(type);
    if (before !== undefined) checkBoxes(bytes, at + 8 + before, at + size, what);
    if (type === "trun" && bytes.readUInt32BE(at + TRUN_COUNT_AT) > MAX_SAMPLES_A_RUN) throw malformed(what, `a run claims more than ${MAX_SAMPLES_A_RUN} pictures`);
    at += size;
  }
}
