import type { OnReadOpts } from "node:net";
import type { Readable } from "node:stream";
import type { FramePool } from "./frame-pool.js";

/** Cuts the bytes of a pipe into pictures of `size` bytes. Reads one picture ahead of whoever takes them, and no more. */
export class FrameReader {
  #frame: Buffer;
  #have = 0;
  #ready: Buffer[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;

  /** For a socket, whose bytes then go from the kernel straight into the picture that they belong to. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#frame.subarray(this.#have),
    callback: (bytes) => {
      this.#advance(bytes);
      return this.#ready.length === 0;
    },
  };

  constructor(
    /** Bytes of a picture. */
    readonly size: number,
    private readonly pool: FramePool,
  ) {
    this.#frame = pool.take(size);
  }

  /**
   * The pictures of a pipe, until it closes.
   * @param pipe a socket that was made with `onread`, or any other
   * @returns how many bytes of an unfinished picture came last
   */
  async *frames(pipe: Readable): AsyncGenerator<Buffer, number> {
    pipe.on("close", () => {
      this.#isOver = true;
      this.#wake?.();
    });
    // Also sets a socket with `onread` flowing, which then has no such events.
    pipe.on("data", (chunk: Buffer) => {
      this.#copy(chunk);
      if (this.#ready.length > 0) pipe.pause();
    });
    for (;;) {
      const frame = this.#ready.shift();
      if (frame !== undefined) {
        if (this.#ready.length === 0) pipe.resume();
        yield frame;
      } else if (this.#isOver) {
        return this.#have;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  #copy(chunk: Buffer): void {
    for (let taken = 0; taken < chunk.length; ) {
      const copied = chunk.copy(this.#frame, this.#have, taken);
      taken += copied;
      this.#advance(copied);
    }
  }

  #advance(bytes: number): void {
    this.#have += bytes;
    if (this.#have < this.size) return;
    this.#ready.push(this.#frame);
    this.#frame = this.pool.take(this.size);
    this.#have = 0;
    this.#wake?.();
  }
}
