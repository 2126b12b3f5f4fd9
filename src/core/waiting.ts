import type { SourceEvent } from "./events.js";

export type WaitingEvent = Extract<SourceEvent, { type: "waiting" }>;

/** Follows by a source's events whether it is waiting for frames, and why. */
export class WaitingTracker {
  #current: WaitingEvent | undefined;

  /** The last report of a wait that is not over. */
  get current(): WaitingEvent | undefined {
    return this.#current;
  }

  observe(event: SourceEvent): void {
    if (event.type === "waiting") this.#current = event;
    // Where media come, silence is over, though with few frames a minute the next one may be far away.
    const areMedia = event.type === "fragment" || event.type === "skipped";
    const isOver = event.type === "frame" || (areMedia && this.#current?.unusable === undefined);
    if (isOver) this.#current = undefined;
  }
}
