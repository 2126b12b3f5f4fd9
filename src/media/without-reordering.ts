import { unescaped } from "./bits.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES, nalUnits, type Coding } from "./nal.js";
import { spsOf } from "./parameter-sets.js";
import { readReordering } from "./sps.js";

/** ue(v) of 0. */
const NONE = "1";

/**
 * An init segment that promises pictures in their order, for a decoder that is given key pictures only: it then gives each at once
 * instead of holding it back until others have come. All boxes keep their sizes.
 */
export function initWithoutReordering(init: InitSegment): InitSegment {
  const { bytes, codec } = init;
  const configuration = Buffer.from(init.configuration, "base64");
  const nal = unlessCut(() => spsOf(codec, configuration));
  const [at, inside] = nal === undefined ? [-1, -1] : [bytes.indexOf(nal), configuration.indexOf(nal)];
  if (nal === undefined || at === -1) return init;
  const changed = withoutReordering(nal, codec);
  return { ...init, bytes: replaced(bytes, at, changed), configuration: replaced(configuration, inside, changed).toString("base64") };
}

/** A key picture whose own parameter sets, if it brings some, promise the same; of the same length. */
export function pictureWithoutReordering(data: Buffer, coding: Coding): Buffer {
  let picture = data;
  for (const { at, bytes, type } of nalUnits(data, coding)) {
    if (type === NAL_RULES[coding.codec].parameterSet) picture = replaced(picture, at + coding.nalLengthBytes, withoutReordering(bytes, coding.codec));
  }
  return picture;
}

function replaced(bytes: Buffer, at: number, part: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + part.length)]);
}

/** A parameter set of the same length; the same one where it cannot be read, or would become longer. */
function withoutReordering(nal: Buffer, codec: InitSegment["codec"]): Buffer {
  const reordering = unlessCut(() => readReordering(codec, nal))?.saidAt ?? [];
  const { headerBytes } = NAL_RULES[codec];
  const bits = [...unescaped(nal.subarray(headerBytes))].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let changed = "";
  let at = 0;
  for (const { from, to } of reordering) {
    changed += bits.slice(at, from) + NONE;
    at = to;
  }
  changed = (changed + bits.slice(at)).padEnd(bits.length, "0");
  const payload = escaped(Buffer.from(changed.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []));
  const room = nal.length - headerBytes;
  // Zeros after the end of a NAL unit are no part of it.
  return payload.length > room ? nal : Buffer.concat([nal.subarray(0, headerBytes), payload, Buffer.alloc(room - payload.length)]);
}

function escaped(payload: Buffer): Buffer {
  const bytes: number[] = [];
  for (const byte of payload) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

function unlessCut<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
