import type { IncomingMessage } from "node:http";
import { HLSStreamError } from "../core/errors.js";
import type { BodyMemory } from "./memory.js";

export interface BodyOptions {
  /** "the playlist": for error messages. */
  readonly what: string;
  readonly maxBytes: number;
  readonly memory: BodyMemory;
  /** Called with the bytes of each piece that comes. */
  readonly note: (bytes: number) => void;
  /** How many bytes are needed, told by what there is and what is announced; default: all. */
  readonly bytesNeeded?: ((bytes: Buffer, total: number) => number) | undefined;
}

/** Less is read to its end, though it is not needed: to hang up costs the connection, and a new one as many bytes. */
const WORTH_HANGING_UP_BYTES = 64 * 1024;

/**
 * The bytes of an answer, in memory once: as long as was announced, or as they come. Hangs up once there are enough.
 * @throws HLSStreamError TOO_LARGE, at once when more is announced than allowed
 */
export async function readBody(response: IncomingMessage, { what, maxBytes, memory, note, bytesNeeded }: BodyOptions): Promise<Buffer> {
  const announced = announcedLength(response);
  if (announced !== undefined && announced > maxBytes) {
    response.destroy();
    throw new HLSStreamError(`cannot get ${what}: it announces ${announced} bytes, at most ${maxBytes} are taken`, { code: "TOO_LARGE" });
  }
  const most = announced ?? maxBytes;
  const whole = memory.take(most);
  const enough = announced === undefined || bytesNeeded === undefined ? undefined : new Enough(bytesNeeded, announced);
  try {
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > most) throw new HLSStreamError(`cannot get ${what}: it is larger than ${most} bytes`, { code: "TOO_LARGE" });
      chunk.copy(whole, bytes);
      bytes += chunk.length;
      note(chunk.length);
      if (enough?.has(whole.subarray(0, bytes))) return beginningOf(whole, bytes, memory);
    }
    return whole.subarray(0, bytes);
  } catch (error) {
    memory.giveBack(whole);
    throw error;
  }
}

/** Whether so much has come that the rest is not worth waiting for. */
class Enough {
  #needed = 0;

  constructor(
    private readonly bytesNeeded: (bytes: Buffer, total: number) => number,
    private readonly total: number,
  ) {}

  has(bytes: Buffer): boolean {
    if (this.total - bytes.length <= WORTH_HANGING_UP_BYTES || bytes.length < this.#needed) return false;
    this.#needed = this.bytesNeeded(bytes, this.total);
    return bytes.length >= this.#needed;
  }
}

/** A copy, so that a tenth of a fragment does not hold the memory of all of it. */
function beginningOf(whole: Buffer, bytes: number, memory: BodyMemory): Buffer {
  const beginning = Buffer.from(whole.subarray(0, bytes));
  memory.giveBack(whole);
  return beginning;
}

function announcedLength({ headers }: IncomingMessage): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}
