/** More than are filled, read and written at the same time would only wait here. */
const MAX_FREE = 6;

/**
 * Buffers for pictures. One that is given back holds the next picture: at 187 MB a second (1080p30) memory that only the garbage
 * collector frees grows by tens of megabytes before it does. One that is not given back is garbage like any other.
 */
export class FramePool {
  #free: Buffer[] = [];
  /** What may be given back, once and only by whom it was lent to, and where it goes then. */
  readonly #lent = new WeakMap<Buffer, () => void>();

  /** @returns a buffer of `size` bytes with any contents */
  take(size: number): Buffer {
    this.#free = this.#free.filter(({ length }) => length === size);
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(size);
    this.lend(buffer, () => {
      if (this.#free.length < MAX_FREE) this.#free.push(buffer);
    });
    return buffer;
  }

  /** Lends a buffer from elsewhere, which goes back there. */
  lend(buffer: Buffer, onGiven: () => void): void {
    this.#lent.set(buffer, onGiven);
  }

  /** Takes a buffer back; one that is not from here, or was given back before, is left alone. */
  give(buffer: Buffer): void {
    const onGiven = this.#lent.get(buffer);
    this.#lent.delete(buffer);
    onGiven?.();
  }
}
