import { malformed } from "./boxes.js";

/** A box that is in no other. */
export interface TopBox {
  readonly type: string;
  /** Where it begins, where what follows its header begins, and where it ends. */
  readonly from: number;
  readonly bodyFrom: number;
  readonly to: number;
}

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
/** Sizes that say how the size is said: in 64 bits behind the type, or by the end of all. */
const IS_LARGE = 1;
const TO_THE_END = 0;

/**
 * Reads the header of the box at a place: ISO/IEC 14496-12 4.2.
 * @param total bytes of all, of which there may be fewer yet
 * @returns undefined when more bytes are needed
 * @throws HLSStreamError MALFORMED_MEDIA when it does not fit
 */
export function topBoxAt(bytes: Buffer, at: number, total: number, what: string): TopBox | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const size = bytes.readUInt32BE(at);
  const type = bytes.toString("latin1", at + 4, at + HEADER_BYTES);
  const isLarge = size === IS_LARGE;
  if (isLarge && at + LARGE_HEADER_BYTES > bytes.length && total > bytes.length) return undefined;
  const length = size === TO_THE_END ? total - at : isLarge ? largeSize(bytes, at) : size;
  const headerBytes = isLarge ? LARGE_HEADER_BYTES : HEADER_BYTES;
  if (length < headerBytes || at + length > total) throw malformed(what, `a box of ${length} bytes at ${at} does not fit the ${total - at} bytes there are`);
  return { type, from: at, bodyFrom: at + headerBytes, to: at + length };
}

/** Larger numbers than can be counted do not fit either. */
const largeSize = (bytes: Buffer, at: number): number => (at + LARGE_HEADER_BYTES > bytes.length ? Infinity : Number(bytes.readBigUInt64BE(at + HEADER_BYTES)));

/** Returns a box with a header of the usual length. */
export function withShortHeader(bytes: Buffer, { type, from, bodyFrom, to }: TopBox): Buffer {
  if (bodyFrom - from === HEADER_BYTES) return bytes.subarray(from, to);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(HEADER_BYTES + to - bodyFrom);
  header.write(type, 4, "latin1");
  return Buffer.concat([header, bytes.subarray(bodyFrom, to)]);
}
