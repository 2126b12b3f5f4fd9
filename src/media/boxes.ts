import { findIsoBox, readAvc1, readAvc3, readHev1, readHvc1, readIsoBoxes, readMdhd, readStsd, readTfdt, readTfhd, readTkhd, readTrex, readTrun, type IsoBoxMap, type ParsedIsoBox } from "@svta/cml-iso-bmff";
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
  checkBoxLengths(bytes, what);
  try {
    return readIsoBoxes(wholeArrayBuffer(bytes), { readers: READERS }) as ParsedIsoBox[];
  } catch (cause) {
    throw malformed(what, "its boxes are broken", cause);
  }
}

/** The first box of that type, at any depth. */
export function findBox<T extends keyof IsoBoxMap>(boxes: Iterable<ParsedIsoBox>, type: T): IsoBoxMap[T] | undefined {
  return (findIsoBox(boxes, (box) => box.type === type) as IsoBoxMap[T] | null) ?? undefined;
}

export const malformed = (what: string, why: string, cause?: unknown): HLSStreamError =>
  new HLSStreamError(`cannot read ${what}: ${why}`, { code: "MALFORMED_MEDIA", cause });

/** The box reader takes a cut last box without complaint, but half a fragment silences a decoder for good. */
function checkBoxLengths(bytes: Buffer, what: string): void {
  if (bytes.length === 0) throw malformed(what, "it is empty");
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) throw malformed(what, `${bytes.length - at} stray bytes at its end`);
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) {
      throw malformed(what, `a box of ${size} bytes at ${at} does not fit its ${bytes.length} bytes`);
    }
    at += size;
  }
}

/** The box reader counts from the start of the ArrayBuffer, which a pooled Buffer does not begin at. */
const wholeArrayBuffer = (bytes: Buffer): Buffer => (bytes.byteOffset === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer));
