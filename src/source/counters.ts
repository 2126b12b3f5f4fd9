import type { SourceEvent } from "../core/events.js";
import type { KvsHlsMetrics } from "../core/metrics.js";

/** A source's counters, from its events. */
export class Counters {
  #metrics: KvsHlsMetrics;

  constructor(cameraId: string) {
    this.#metrics = { cameraId, framesTotal: 0, reconnectsTotal: 0, urlRefreshesTotal: 0, readErrorsTotal: 0, lastCapturedAt: undefined, lastFrameTimestamp: 0, fragmentsTotal: 0, bytesTotal: 0, gapsTotal: 0 };
  }

  get snapshot(): KvsHlsMetrics {
    return this.#metrics;
  }

  count(event: SourceEvent): void {
    const before = this.#metrics;
    switch (event.type) {
      case "frame":
        this.#metrics = { ...before, framesTotal: before.framesTotal + 1, lastCapturedAt: event.frame.capturedAt, lastFrameTimestamp: event.frame.capturedAt / 1000 };
        break;
      case "fragment":
        this.#metrics = { ...before, fragmentsTotal: before.fragmentsTotal + 1, bytesTotal: before.bytesTotal + event.bytes };
        break;
      case "reconnect":
        this.#metrics = { ...before, reconnectsTotal: before.reconnectsTotal + 1 };
        break;
      case "readError":
        this.#metrics = { ...before, readErrorsTotal: before.readErrorsTotal + 1 };
        break;
      case "gap":
        this.#metrics = { ...before, gapsTotal: before.gapsTotal + 1 };
        break;
      case "session":
        if (event.reason === "refresh" || event.reason === "expired") this.#metrics = { ...before, urlRefreshesTotal: before.urlRefreshesTotal + 1 };
        break;
      case "state":
      case "waiting":
      case "repeat":
      case "skipped":
      case "decoder":
        break;
    }
  }
}
