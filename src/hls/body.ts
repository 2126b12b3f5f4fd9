import type { IncomingMessage } from "node:http";
import { HLSStreamError } from "../core/errors.js";

export interface BodyLimit {
  /** "the playlist": for error messages. */
  readonly what: string;
  readonly maxBytes: number;
}

/**
 * The bytes of an answer, in memory once: as long as was announced, or as they come.
 * @throws HLSStreamError TOO_LARGE, at once when more is announced than allowed
 */
export async function readBody(response: IncomingMessage, { what, maxBytes }: BodyLimit, note: (bytes: number) => void): Promise<Buffer> {
  const announced = announcedLength(response);
  if (announced !== undefined && announced > maxBytes) {
    response.destroy();
    throw new HLSStreamError(`cannot get ${what}: it announces ${announced} bytes, at most ${maxBytes} are taken`, { code: "TOO_LARGE" });
  }
  // Untouched memory costs nothing, so this is no more than what comes.
  const whole = Buffer.allocUnsafeSlow(announced ?? maxBytes);
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes + chunk.length > whole.length) throw new HLSStreamError(`cannot get ${what}: it is larger than ${whole.length} bytes`, { code: "TOO_LARGE" });
    chunk.copy(whole, bytes);
    bytes += chunk.length;
    note(chunk.length);
  }
  return whole.subarray(0, bytes);
}

function announcedLength({ headers }: IncomingMessage): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}
