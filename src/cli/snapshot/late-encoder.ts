import type { SourceEvent } from "../../core/events.js";
import type { Encoder } from "../../sinks/encoder.js";

/** A service that is near has sent the fragment by then. */
const IDLE_AFTER_MS = 25;

/**
 * Opens an encoder when nothing else is to be done: while ffmpeg decodes, or before that while a distant service is waited for. Its
 * library takes so long to load that it would hold up everything that comes before.
 */
export class LateEncoder implements Disposable {
  #encoder: Promise<Encoder> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly create: () => Promise<Encoder>) {}

  follow({ type }: SourceEvent): void {
    if (type === "session") this.#timer ??= setTimeout(() => void this.open().catch(() => undefined), IDLE_AFTER_MS);
    if (type === "decoder") this.open().catch(() => undefined); // told to whoever waits for it
  }

  open(): Promise<Encoder> {
    this.#encoder ??= this.create();
    return this.#encoder;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
