import ms from "ms";
import type { SourceEvent } from "../../core/events.js";
import type { Frame } from "../../core/frame.js";
import { redact } from "../../core/redact.js";
import type { ConnectionState } from "../../core/state.js";
import { isoTime } from "../../core/time.js";
import { WaitingTracker } from "../../core/waiting.js";
import type { RunSummary } from "../../sinks/manifest.js";
import type { ProgressStatus } from "../../telemetry/progress.js";
import { Savings } from "./savings.js";

/** All that is kept of a frame: holding on to its pixels would cost megabytes. */
type Times = Pick<Frame, "capturedAt"> & { readonly lagMs: number };

/** Why no frame comes, since when, and how many fragments came meanwhile that were of no use. */
interface Waiting {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly unusable?: number;
}

interface Goal {
  readonly cameraId: string;
  readonly maxFrames: number | undefined;
  readonly durationMs: number | undefined;
  readonly range: { readonly fromMs: number; readonly toMs: number } | undefined;
}

/** Counts what a run comes to, for the status line while it goes and for the summary at its end. */
export class Tally {
  readonly #startedAt = Date.now();
  readonly #goal: Goal;
  readonly #savings = new Savings();
  readonly #counts = { frames: 0, fragments: 0, bytesDownloaded: 0, bytesWritten: 0, gaps: 0, reconnects: 0, urlRefreshes: 0 };
  #state: ConnectionState = "disconnected";
  #gapMs = 0;
  readonly #waiting = new WaitingTracker();
  #wroteAt: number | undefined;
  #first: Times | undefined;
  #last: Times | undefined;

  constructor(goal: Goal) {
    this.#goal = goal;
  }

  observe(event: SourceEvent): void {
    const counts = this.#counts;
    if (event.type === "state") this.#state = event.state;
    if (event.type === "gap") {
      counts.gaps++;
      this.#gapMs += event.toMs - event.fromMs;
    }
    this.#waiting.observe(event);
    if (event.type === "reconnect") counts.reconnects++;
    if (event.type === "session" && (event.reason === "refresh" || event.reason === "expired")) counts.urlRefreshes++;
    this.#savings.observe(event);
    if (event.type === "fragment") {
      counts.fragments++;
      counts.bytesDownloaded += event.bytes;
    }
  }

  /** A frame is written, its image with so many bytes. */
  wrote(frame: Frame, bytes: number, writtenAt: number): void {
    this.#counts.frames++;
    this.#counts.bytesWritten += bytes;
    this.#last = { capturedAt: frame.capturedAt, lagMs: writtenAt - frame.capturedAt };
    this.#wroteAt = writtenAt;
    this.#first ??= this.#last;
  }

  /** What is missing of a complete run, in words, if anything. */
  missing(maxFrames: number | undefined): string | undefined {
    const { gaps, frames } = this.#counts;
    const reasons = [
      gaps > 0 && `frames of ${ms(Math.max(1, Math.round(this.#gapMs)))} are missing in ${gaps === 1 ? "one gap" : `${gaps} gaps`}`,
      maxFrames !== undefined && frames < maxFrames && `${frames} of ${maxFrames} frames came`,
    ].filter((reason) => reason !== false);
    return reasons.length === 0 ? undefined : reasons.join(", and ");
  }

  get frames(): number {
    return this.#counts.frames;
  }

  /** Why no frame comes, as far as that was reported since the last one. */
  get waiting(): Waiting | undefined {
    const event = this.#waiting.current;
    return event && { reason: redact(event.reason), since: isoTime(event.sinceMs), ...(event.unusable !== undefined && { unusable: event.unusable }) };
  }

  /** Capture time of the newest frame, Unix epoch milliseconds. */
  get lastCapturedAt(): number | undefined {
    return this.#last?.capturedAt;
  }

  status(): ProgressStatus {
    const { frames, bytesWritten } = this.#counts;
    const { cameraId, maxFrames, durationMs, range } = this.#goal;
    const spanMs = this.#spanMs();
    const rangeShare = range && ((this.#last?.capturedAt ?? range.fromMs) - range.fromMs) / (range.toMs - range.fromMs);
    const shares = [maxFrames && frames / maxFrames, durationMs && spanMs / durationMs, rangeShare].filter((share) => share !== undefined);
    return {
      cameraId,
      state: this.#state,
      frames,
      bytesWritten,
      fps: spanMs > 0 ? ((frames - 1) * 1000) / spanMs : undefined,
      lagMs: range ? undefined : this.#last?.lagMs, // in the past it says nothing
      silentMs: Date.now() - (this.#wroteAt ?? this.#startedAt),
      elapsedMs: Date.now() - this.#startedAt,
      share: shares.length === 0 ? undefined : Math.min(1, Math.max(...shares)),
    };
  }

  summary(outcome: Pick<RunSummary, "ended" | "error" | "exitCode">): RunSummary {
    return {
      cameraId: this.#goal.cameraId,
      ...this.#counts,
      ...this.#savings.summary,
      firstCapturedAt: this.#first?.capturedAt,
      lastCapturedAt: this.#last?.capturedAt,
      elapsedMs: Date.now() - this.#startedAt,
      lagStartMs: this.#first?.lagMs,
      lagEndMs: this.#last?.lagMs,
      ...outcome,
    };
  }

  #spanMs(): number {
    return this.#first && this.#last ? this.#last.capturedAt - this.#first.capturedAt : 0;
  }
}
