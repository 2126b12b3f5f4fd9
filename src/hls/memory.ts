/** Less than this is soon collected, and not worth keeping. */
const LARGE_BYTES = 4 * 2 ** 20;

/**
 * Memory for the bodies of answers, with one piece kept for the next large one. What is dropped is freed only when the garbage
 * collector gets to it, so that large fragments of no use, one after the other, would pile up.
 */
export class BodyMemory {
  #spare: Buffer | undefined;

  /** @returns at least so many bytes, with anything in them; untouched, they take no memory */
  take(bytes: number): Buffer {
    const spare = this.#spare;
    if (spare === undefined || spare.length < bytes) return Buffer.allocUnsafeSlow(bytes);
    this.#spare = undefined;
    return spare;
  }

  /** Nobody will read these bytes any more, nor any part of the memory that they lie in. */
  giveBack({ buffer }: Buffer): void {
    if (buffer.byteLength >= LARGE_BYTES && buffer.byteLength > (this.#spare?.length ?? 0)) this.#spare = Buffer.from(buffer as ArrayBuffer);
  }
}
