import type { ServerResponse } from "node:http";
import { inPieces, type Pace, type Reply } from "./message.js";

/** An answer on its way; without a reply, the connection is closed. */
export interface Delivery {
  readonly reply?: Reply;
  /** Sends the body in its own time; one that ends before the body does ends the connection too. Default: all at once. */
  readonly pace?: Pace | undefined;
  /** Told how many more bytes of the body the system has taken from us. */
  readonly onTaken?: (bytes: number) => void;
}

/** One answer on one connection. */
export class Exchange {
  /** Resolves when the answer is out, or the connection gone. */
  readonly ended: Promise<void>;
  readonly #gone = new AbortController();
  #stopWaiting: () => void = () => undefined;

  constructor(private readonly response: ServerResponse) {
    this.ended = new Promise((resolve) => {
      response.once("close", () => {
        this.#gone.abort();
        this.#stopWaiting();
        resolve();
      });
    });
  }

  /** Aborted when the client hangs up or the emulator closes: there is nobody to answer any more. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  async deliver({ reply, pace, onTaken }: Delivery): Promise<void> {
    if (reply === undefined) {
      this.response.destroy();
      return;
    }
    const { status, headers, body } = reply;
    this.response.writeHead(status, { ...headers, "content-length": body.length });
    if (pace !== undefined) this.response.flushHeaders();
    let handed = 0;
    for await (const chunk of pace?.(body, this.signal) ?? [body]) {
      for (const piece of inPieces(chunk)) {
        if (this.signal.aborted) return;
        await this.#write(piece, onTaken);
        handed += piece.length;
      }
    }
    if (handed === body.length) this.response.end();
    else this.response.destroy();
  }

  /** A defect of ours, or of the hook: said aloud, since a closed connection would look like a wanted fault. */
  fail(error: unknown): void {
    if (this.response.headersSent || this.signal.aborted) this.response.destroy();
    else this.response.writeHead(500, { "content-type": "text/plain" }).end(`emulator: ${String(error)}`);
  }

  /** Resolves when the system has all of it, or the connection is gone: what then still lay with us never left. */
  async #write(piece: Buffer, onTaken: Delivery["onTaken"]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stopWaiting = resolve;
      this.response.cork(); // the headers travel with the first piece
      this.response.write(piece, (error) => {
        if (!error && !this.signal.aborted) onTaken?.(piece.length);
        resolve();
      });
      this.response.uncork();
    });
  }
}
