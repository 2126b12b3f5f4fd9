import { failed } from "./failed.js";

/** Calls into FFmpeg's libraries, one at a time: memory that a call uses must not be freed under it. */
export class NativeCalls {
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @throws DecoderError after {@link close} */
  async make<T>(call: () => Promise<T>): Promise<T> {
    this.refuseIfClosed();
    const made = call();
    this.#last = made.catch(() => undefined);
    return made;
  }

  /** @throws DecoderError after {@link close} */
  refuseIfClosed(): void {
    if (this.#isClosed) throw failed("was closed");
  }

  /** Lets no more in, and waits for the one under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }
}
