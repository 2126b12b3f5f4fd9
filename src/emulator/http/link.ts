import { wait } from "../faults/pace.js";
import { inPieces, type Pace } from "./message.js";

/** After so long without a piece the link was idle; less is our timers being late, which must not slow it. */
const IDLE_MS = 20;
/** What TCP puts into one packet of the Ethernet: a client that hangs up gets no more of the rest than is on its way. */
const PACKET_BYTES = 1460;
/** What a timer can tell apart. */
const SHORTEST_WAIT_MS = 1;

/**
 * The network between emulator and clients, where it is to have an end: all bodies share its speed. The kernel of one
 * machine takes a megabyte at once, so that without this a client that hangs up early has been sent everything all the same.
 */
export class Link {
  readonly #bytesPerMs: number;
  #freeAt = 0;

  constructor(mbps: number) {
    if (!(mbps > 0)) throw new RangeError(`linkMbps must be more than 0, got ${mbps}`);
    this.#bytesPerMs = (mbps * 1e6) / 8 / 1000;
  }

  /** The body at no more than the link's speed, and at its own pace where it has one. */
  through(pace: Pace = (body) => [body]): Pace {
    const carry = this.#carry.bind(this);
    return async function* (body, signal) {
      for await (const chunk of pace(body, signal)) {
        for (const piece of inPieces(chunk, PACKET_BYTES)) {
          await carry(piece.length, signal);
          yield piece;
        }
      }
    };
  }

  async #carry(bytes: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (now - this.#freeAt > IDLE_MS) this.#freeAt = now;
    this.#freeAt += bytes / this.#bytesPerMs;
    if (this.#freeAt - now >= SHORTEST_WAIT_MS) await wait(this.#freeAt - now, signal);
  }
}
