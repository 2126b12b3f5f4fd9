import type { IncomingMessage } from "node:http";
import { HLSStreamError } from "../core/errors.js";
import type { BodyMemory } from "./memory.js";

export interface BodyLimit {
  /** "the playlist": for error messages. */
  readonly what: string;
  readonly maxBytes: number;
}

/**
 * The bytes of an answer, in memory once: as long as was announced, or as they come.
 * @throws HLSStreamError TOO_LARGE, at once when more is announced than allowed
 */
export async function readBody(response: IncomingMessage, { what, maxBytes }: BodyLimit, memory: BodyMemory, note: (bytes: number) => void): Promise<Buffer> {
  const announced = announcedLength(response);
  if (announced !== undefined && announced > maxBytes) {
    response.destroy();
    throw new HLSStreamError(`cannot get ${what}: it announces ${announced} bytes, at most ${maxBytes} are taken`, { code: "TOO_LARGE" });
  }
  const most = announced ?? maxBytes;
  const whole = memory.take(most);
  try {
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > most) throw new HLSStreamError(`cannot get ${what}: it is larger than ${most} bytes`, { code: "TOO_LARGE" });
      chunk.copy(whole, bytes);
      bytes += chunk.length;
      note(chunk.length);
    }
    return whole.subarray(0, bytes);
  } catch (error) {
    memory.giveBack(whole);
    throw error;
  }
}

function announcedLength({ headers }: IncomingMessage): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}
