import { nalOf, ue } from "./bits.js";

export type Codec = "h264" | "h265";

export const HEADER_BYTES: Readonly<Record<Codec, number>> = { h264: 1, h265: 2 };

export const typeOf = (codec: Codec, nal: Buffer): number => (codec === "h264" ? nal[0]! & 0x1f : (nal[0]! >> 1) & 0x3f);

/** Sequence, picture and video parameter sets. */
export const isSet = (codec: Codec, nal: Buffer): boolean => (codec === "h264" ? [7, 8] : [32, 33, 34]).includes(typeOf(codec, nal));

export const isSequence = (codec: Codec, nal: Buffer): boolean => typeOf(codec, nal) === (codec === "h264" ? 7 : 33);

export const isPictureSet = (codec: Codec, nal: Buffer): boolean => typeOf(codec, nal) === (codec === "h264" ? 8 : 34);

export const isSlice = (codec: Codec, nal: Buffer): boolean => (codec === "h264" ? [1, 5].includes(typeOf(codec, nal)) : typeOf(codec, nal) < 32);

/** Splits an elementary stream, or a part of one, at its start codes. */
export function splitAnnexB(bytes: Buffer): Buffer[] {
  const code = Buffer.from([0, 0, 1]);
  const units: Buffer[] = [];
  for (let at = bytes.indexOf(code); at !== -1; ) {
    const next = bytes.indexOf(code, at + 3);
    let end = next === -1 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) end--;
    units.push(bytes.subarray(at + 3, end));
    at = next;
  }
  return units;
}

/** Each unit behind a start code of three or four bytes. */
export const annexB = (units: readonly Buffer[], codeBytes: 3 | 4 = 4): Buffer =>
  Buffer.concat(units.flatMap((unit) => [Buffer.from([0, 0, 0, 1]).subarray(4 - codeBytes), unit]));

/** Each unit behind its length. */
export const withLengths = (units: readonly Buffer[], lengthBytes = 4): Buffer => Buffer.concat(units.flatMap((unit) => [lengthOf(unit.length, lengthBytes), unit]));

export function lengthOf(length: number, bytes = 4): Buffer {
  if (length >= 2 ** (8 * bytes)) throw new RangeError(`a unit of ${length} bytes does not fit a length of ${bytes}`);
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(length, 0, bytes);
  return buffer;
}

/** A unit of any type: in H.265 also of any layer. */
export const unitOf = (codec: Codec, type: number, payload: Buffer, { layer = 0, isForbidden = false } = {}): Buffer => {
  const forbidden = isForbidden ? 0x80 : 0;
  const header = codec === "h264" ? [forbidden | type] : [forbidden | (type << 1) | (layer >> 5), ((layer & 0x1f) << 3) | 1];
  return Buffer.concat([Buffer.from(header), payload]);
};

/** Supplemental information that nobody needs: unregistered user data. */
export function information(codec: Codec, text = "an odd stream is told by nothing"): Buffer {
  const body = Buffer.from(text.padEnd(16, "."), "latin1");
  return unitOf(codec, codec === "h264" ? 6 : 39, Buffer.concat([Buffer.from([5, body.length]), body, Buffer.from([0x80])]));
}

/** An access unit delimiter for pictures of any kind. */
export const delimiter = (codec: Codec): Buffer => unitOf(codec, codec === "h264" ? 9 : 35, Buffer.from([codec === "h264" ? 0xf0 : 0x50]));

export const filler = (codec: Codec, bytes = 20): Buffer => unitOf(codec, codec === "h264" ? 12 : 38, Buffer.concat([Buffer.alloc(bytes, 0xff), Buffer.from([0x80])]));

export const endOfSequence = (codec: Codec): Buffer => unitOf(codec, codec === "h264" ? 10 : 36, Buffer.alloc(0));

export const endOfStream = (codec: Codec): Buffer => unitOf(codec, codec === "h264" ? 11 : 37, Buffer.alloc(0));

/** Types that decoders ignore: reserved, unspecified, of an extension. */
export const IGNORED: Readonly<Record<Codec, readonly number[]>> = { h264: [0, 14, 15, 16, 20, 22, 24, 28, 31], h265: [10, 15, 22, 31, 41, 47, 48, 55, 63] };

/** Such a unit, of bytes that look like a slice. */
export const ignored = (codec: Codec, type: number): Buffer => unitOf(codec, type, Buffer.from([0x88, 0x84, 0x21, 0xa0, 0x55, 0x80]));

/** Says that so many pictures after this one all is right. */
export const recoveryPoint = (pictures: number): Buffer => {
  const payload = nalOf(Buffer.alloc(0), `${ue(pictures)}10001`);
  return unitOf("h264", 6, Buffer.concat([Buffer.from([6, payload.length]), payload, Buffer.from([0x80])]));
};
/** Whether a unit is a recovery point. */
export const isRecoveryPoint = (codec: Codec, nal: Buffer): boolean => typeOf(codec, nal) === (codec === "h264" ? 6 : 39) && nal[HEADER_BYTES[codec]] === 6;
