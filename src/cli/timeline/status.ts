import { createLogUpdate } from "log-update";
import type { OutputStream } from "../context.js";

/** One line about what is going on, drawn anew; wiped away at the end. Nothing where no person watches. */
export class Status {
  readonly #line: ReturnType<typeof createLogUpdate> | undefined;
  #drawnAt = -Infinity;

  constructor(stderr: OutputStream, isQuiet: boolean) {
    if (stderr.isTTY === true && !isQuiet) this.#line = createLogUpdate(stderr, { showCursor: true });
  }

  tell(text: string): void {
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#line?.(text);
  }

  clear(): void {
    this.#line?.clear();
    this.#line?.done();
  }
}

const REDRAW_MS = 100;
