import type { Frame } from "../../core/frame.js";

export interface LimitOptions {
  readonly maxFrames: number | undefined;
  /** Span of capture time: exact, whatever the delays on the way. */
  readonly durationMs: number | undefined;
  /** Called when no frame came for the duration: capture time stands still then. */
  readonly onSilence: () => void;
  /** Time to connect that even the shortest duration has. */
  readonly minSilenceMs?: number;
}

/** Where a run ends by itself. */
export class Limits {
  readonly #maxFrames: number;
  readonly #durationMs: number;
  readonly #silence: NodeJS.Timeout | undefined;
  #frames = 0;
  #firstCapturedAt: number | undefined;

  constructor({ maxFrames, durationMs, onSilence, minSilenceMs = 30_000 }: LimitOptions) {
    this.#maxFrames = maxFrames ?? Infinity;
    this.#durationMs = durationMs ?? Infinity;
    if (durationMs !== undefined) this.#silence = setTimeout(onSilence, Math.min(Math.max(durationMs, minSilenceMs), MAX_TIMER_MS));
  }

  /** Whether the frame is still within the duration; it counts if so. */
  admits({ capturedAt }: Frame): boolean {
    this.#silence?.refresh();
    this.#firstCapturedAt ??= capturedAt;
    if (capturedAt - this.#firstCapturedAt >= this.#durationMs) return false;
    this.#frames++;
    return true;
  }

  /** Known with the last frame, so that nothing waits for one more. */
  get isFull(): boolean {
    return this.#frames >= this.#maxFrames;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#silence);
  }
}

/** What a timer holds; a longer time would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
