import type { FrameSourceError } from "./errors.js";
import type { Clock, Frame } from "./frame.js";
import type { ConnectionState } from "./state.js";

/**
 * Why frames between two times were not delivered: the camera sent none (`offline`), they had left the service's list or its
 * store (`window`), they were passed over to stay fresh (`lag`), their fragment could not be fetched (`fragment`) or decoded
 * (`corrupt`).
 */
export type GapCause = "window" | "fragment" | "corrupt" | "offline" | "lag";

/**
 * Why a session was opened: at the start, ahead of the last one's end, after the service refused the last one, after a failure,
 * because the list stood still, or to read the archive.
 */
export type SessionReason = "start" | "refresh" | "expired" | "reconnect" | "still" | "archive";

/** A fragment was read, as far as was needed. */
export interface FragmentEvent {
  readonly number: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Received, with all tries. */
  readonly bytes: number;
  /** Of all of it. */
  readonly totalBytes: number;
  /** Pictures that it holds. */
  readonly frames: number;
  /** Of these, how many are decoded: those wanted, and what they lean on. */
  readonly decoded: number;
}

/**
 * What happens inside a source, for logs, metrics and progress. Events carry no token and no session URL.
 * Times are Unix epoch milliseconds, durations milliseconds.
 */
export type SourceEvent =
  | { readonly type: "state"; readonly state: ConnectionState; readonly previous: ConnectionState }
  | { readonly type: "session"; readonly reason: SessionReason; readonly host: string; readonly expiresAt: number; readonly clock: Clock }
  | { readonly type: "reconnect"; readonly attempt: number; readonly delayMs: number; readonly error: FrameSourceError }
  | {
      readonly type: "waiting";
      readonly reason: string;
      readonly sinceMs: number;
      /** How many fragments came since then of which no frame could be made; undefined: none came. */
      readonly unusable?: number;
    }
  | { readonly type: "readError"; readonly error: FrameSourceError }
  | { readonly type: "decoder"; readonly codec: string; readonly width: number; readonly height: number; readonly restarts: number }
  | ({ readonly type: "fragment" } & FragmentEvent)
  | { readonly type: "skipped"; readonly number: string; readonly startMs: number; readonly durationMs: number }
  | { readonly type: "repeat"; readonly number: string; readonly startMs: number; readonly durationMs: number }
  | { readonly type: "gap"; readonly fromMs: number; readonly toMs: number; readonly cause: GapCause }
  | { readonly type: "frame"; readonly frame: Frame };

export type EventListener = (event: SourceEvent) => void;
