import { BitReader, unescaped } from "./bits.js";

const RECOVERY_POINT = 6;
const EXTENDED = 255;

/**
 * Returns how long after an SEI message decoding that begins there is right, if it says so: recovery_frame_cnt of H.264,
 * in frame numbers, or recovery_poc_cnt of H.265, in picture order counts; 0: at once.
 * @param nal an SEI NAL unit with its header
 */
export function recoveryCountIn(nal: Buffer, codec: "h264" | "h265"): number | undefined {
  const payload = unescaped(nal.subarray(codec === "h264" ? 1 : 2));
  let at = 0;
  const readNumber = (): number => {
    let value = 0;
    for (; payload[at] === EXTENDED; at++) value += EXTENDED;
    return value + (payload[at++] ?? 0);
  };
  // The trailing bits are no message.
  while (at + 2 < payload.length) {
    const type = readNumber();
    const size = readNumber();
    if (type === RECOVERY_POINT) return readCount(payload.subarray(at, at + size), codec);
    at += size;
  }
  return undefined;
}

function readCount(message: Buffer, codec: "h264" | "h265"): number | undefined {
  const bits = new BitReader(message);
  try {
    return codec === "h264" ? bits.unsigned() : bits.signed();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
