import { DecoderError } from "../core/errors.js";
import type { Ledger } from "./ledger.js";

export interface WatchdogOptions {
  readonly onStall: (error: DecoderError) => void;
  /** It stands still for a reason of its own. */
  readonly isExcused?: () => boolean;
}

/**
 * Calls `onStall` once when a decoder does not give what it owes, or take what it is given, for `stallMs` although somebody waits.
 * One timer for a decoder's whole life: a race at every picture costs more than the picture's bookkeeping.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  /** The consumer wants a picture; while it is busy with the last one, a decoder has every right to stand still. */
  isAwaited = false;
  #seen = -1;

  constructor(ledger: Ledger<unknown>, stallMs: number, { onStall, isExcused = () => false }: WatchdogOptions) {
    this.#timer = setInterval(() => {
      const stands = this.isAwaited && ledger.isOverdue;
      if (stands && ledger.sign === this.#seen && !isExcused()) {
        this.stop();
        onStall(new DecoderError(`ffmpeg made no progress for ${stallMs / 1000} s`, { code: "FFMPEG_STALLED", retryable: true }));
      }
      this.#seen = stands ? ledger.sign : -1;
    }, stallMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
