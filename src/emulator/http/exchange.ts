import type { ServerResponse } from "node:http";
import type { Pace, Reply } from "./message.js";

/** An answer on its way; without a reply, the connection is closed. */
export interface Delivery {
  readonly reply?: Reply;
  /** Sends the body in its own time; one that ends before the body does ends the connection too. Default: all at once. */
  readonly pace?: Pace | undefined;
}

/** What became of an answer. */
export interface Sent {
  /** Of the body, handed to the connection. */
  readonly bytes: number;
  /** Everything was, with the connection still open. */
  readonly isFinished: boolean;
}

/** One answer on one connection. */
export class Exchange {
  /** Resolves when the answer is out, or the connection gone. */
  readonly ended: Promise<Sent>;
  readonly #gone = new AbortController();
  #bytes = 0;

  constructor(private readonly response: ServerResponse) {
    this.ended = new Promise((resolve) => {
      response.once("close", () => {
        this.#gone.abort();
        resolve({ bytes: this.#bytes, isFinished: response.writableFinished });
      });
    });
  }

  /** Aborted when the client hangs up or the emulator closes: there is nobody to answer any more. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  async deliver({ reply, pace }: Delivery): Promise<void> {
    if (reply === undefined) {
      this.response.destroy();
      return;
    }
    const { status, headers, body } = reply;
    this.response.writeHead(status, { ...headers, "content-length": body.length });
    if (pace === undefined) {
      this.#bytes = body.length;
      this.response.end(body);
      return;
    }
    this.response.flushHeaders();
    for await (const chunk of pace(body, this.signal)) await this.#write(chunk);
    if (this.#bytes === body.length) this.response.end();
    else this.response.destroy();
  }

  /** A defect of ours, or of the hook: said aloud, since a closed connection would look like a wanted fault. */
  fail(error: unknown): void {
    if (this.response.headersSent || this.signal.aborted) this.response.destroy();
    else this.response.writeHead(500, { "content-type": "text/plain" }).end(`emulator: ${String(error)}`);
  }

  /** Resolves when the system has it. */
  async #write(chunk: Buffer): Promise<void> {
    this.#bytes += chunk.length;
    await new Promise<void>((resolve) => this.response.write(chunk, () => { resolve(); }));
  }
}
