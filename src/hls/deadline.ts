/** Less than any camera sends, bytes a second: who is slower plays for time. */
const SLOWEST = 1024;

/**
 * How long one download may take: it must begin within the timeout and be whole within it, unless it is long; then each
 * further stretch of that length must bring enough.
 */
export class Deadline implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #hasBegun = false;
  #bytes = 0;
  /** Called when it is over, with the reason; to be set by who can end the download. */
  onOver: (reason: string) => void = () => undefined;

  constructor(
    private readonly timeoutMs: number,
    private readonly isLong: boolean,
  ) {
    this.#timer = setTimeout(() => this.#check(), timeoutMs);
  }

  /** The answer begins. */
  begin(): void {
    this.#hasBegun = true;
    if (this.isLong) this.#timer.refresh();
  }

  /** So many bytes of it have come. */
  note(bytes: number): void {
    this.#bytes += bytes;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const seconds = this.timeoutMs / 1000;
    const isFastEnough = this.#bytes >= SLOWEST * seconds;
    if (this.isLong && this.#hasBegun && isFastEnough) {
      this.#bytes = 0;
      this.#timer.refresh();
      return;
    }
    if (this.#bytes === 0) this.onOver(this.#hasBegun ? `silent for ${seconds} s` : `no answer within ${seconds} s`);
    else this.onOver(this.isLong ? `slower than ${SLOWEST} bytes a second for ${seconds} s` : `not whole within ${seconds} s`);
  }
}
