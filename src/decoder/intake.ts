/** An input that outlives its readers: what one has looked at and not taken, the next one finds. */
export class Intake<T> {
  readonly #iterator: AsyncIterator<T>;
  #head: Promise<IteratorResult<T>> | undefined;

  constructor(input: AsyncIterable<T>) {
    this.#iterator = input[Symbol.asyncIterator]();
  }

  /** What comes next; the same answer, or failure, until it is taken. */
  peek(): Promise<IteratorResult<T>> {
    if (this.#head === undefined) {
      this.#head = this.#iterator.next();
      this.#head.catch(() => undefined); // told to whoever looks
    }
    return this.#head;
  }

  /** Takes what was looked at. */
  shift(): void {
    this.#head = undefined;
  }

  /** Closes the input, and waits for it. An input that was asked for more must have been released before. */
  async close(): Promise<void> {
    await this.#head?.catch(() => undefined);
    await this.#iterator.return?.().catch(() => undefined);
  }
}
