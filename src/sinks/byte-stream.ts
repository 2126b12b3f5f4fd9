import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { outputError, systemCode } from "./output-error.js";

/** The reader of a pipe went away (`… | head`): not a failure, but there is nobody left to write for. */
export class ReaderGoneError extends Error {
  override readonly name = "ReaderGoneError";
}

/** The last is what a write gets after a close without a failure. */
const GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** Writes to a stream; the caller waits for each write before the next. */
export class ByteStream {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #flag: string;
  #failure: Error | undefined;
  #giveUp: ((reason: Error) => void) | undefined;

  /** `name` is what people call the stream, `flag` is what chose it. */
  constructor(stream: Writable, { name, flag }: { name: string; flag: string }) {
    this.#stream = stream;
    this.#name = name;
    this.#flag = flag;
    // A stream tells of its failure here as well, and without a listener that would end the process.
    stream.on("error", (error) => {
      this.#failure ??= error;
      this.#giveUp?.(this.#explain(error)); // a stream may fail and forget the write that it had begun
    });
  }

  /**
   * Resolves once the bytes are accepted: the wait is the back-pressure.
   * @param onAccepted called as soon as they are, which is mostly before this returns: a pipe takes them at once
   */
  async write(data: string | Uint8Array, onAccepted: () => void = () => undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#giveUp = reject;
      let isTold = false;
      const accept = (): void => {
        if (!isTold) onAccepted();
        isTold = true;
      };
      this.#stream.write(data, (error) => {
        if (error) return reject(this.#explain(this.#failure ?? error));
        try {
          accept();
          resolve();
        } catch (failure) {
          reject(failure as Error);
        }
      });
      if (this.#stream.writableLength === 0 && !this.#stream.errored && !this.#stream.destroyed) accept();
    });
  }

  /** For streams that are ours to close: not for stdout. */
  async close(): Promise<void> {
    try {
      await finished(this.#stream.end());
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): Error {
    if (GONE.has(systemCode(error) ?? "")) return new ReaderGoneError(`the reader of ${this.#name} went away`);
    return outputError(this.#name, error, this.#flag);
  }
}
