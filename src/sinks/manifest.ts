import type { ErrorCode } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import type { Frame } from "../core/frame.js";
import { redact } from "../core/redact.js";
import { isoTime } from "../core/time.js";

/** Rises when a record changes in a way that a reader could trip over. */
const SCHEMA = 1;

export interface WrittenFrame {
  readonly frame: Frame;
  readonly seq: number;
  readonly cameraId: string;
  /** null where no file of its own was written. */
  readonly path: string | null;
  /** Size of the image as written; 0 where none was. */
  readonly bytes: number;
  /** Unix epoch milliseconds. */
  readonly writtenAt: number;
  /** What was written are its pixels, whose layout must be told. */
  readonly isRaw: boolean;
}

export const frameRecord = ({ frame, seq, cameraId, path, bytes, writtenAt, isRaw }: WrittenFrame) => ({
  type: "frame",
  seq,
  camera: cameraId,
  path,
  capturedAt: isoTime(frame.capturedAt),
  capturedAtMs: frame.capturedAt,
  clock: frame.clock,
  receivedAt: isoTime(frame.receivedAt),
  lagMs: writtenAt - frame.capturedAt,
  fragment: frame.fragment,
  index: frame.index,
  ptsMs: frame.pts,
  keyframe: frame.keyframe,
  width: frame.width,
  height: frame.height,
  ...(isRaw && { pixelFormat: frame.pixelFormat }),
  bytes,
  schema: SCHEMA,
});

/** The record of an event that belongs into the manifest, or undefined: the rest is for logs and metrics. */
export function eventRecord(event: SourceEvent, cameraId: string) {
  switch (event.type) {
    case "gap":
      return {
        type: "gap",
        camera: cameraId,
        from: isoTime(event.fromMs),
        to: isoTime(event.toMs),
        durationMs: event.toMs - event.fromMs,
        cause: event.cause,
        schema: SCHEMA,
      };
    case "session":
      return { type: "session", camera: cameraId, reason: event.reason, host: event.host, expiresAt: isoTime(event.expiresAt), clock: event.clock, schema: SCHEMA };
    case "reconnect":
      return { type: "reconnect", camera: cameraId, attempt: event.attempt, delayMs: event.delayMs, error: { code: event.error.code, message: redact(event.error.message) }, schema: SCHEMA };
    case "waiting":
      return { type: "waiting", camera: cameraId, reason: redact(event.reason), since: isoTime(event.sinceMs), ...(event.unusable !== undefined && { unusable: event.unusable }), schema: SCHEMA };
    case "state":
    case "readError":
    case "repeat":
    case "skipped":
    case "decoder":
    case "fragment":
    case "frame":
      return undefined;
  }
}

/** Why a run ended. */
export type RunEnd = "max-frames" | "duration" | "signal" | "end" | "error" | "pipe";

export interface RunSummary {
  readonly cameraId: string;
  readonly frames: number;
  /** Capture times, Unix epoch milliseconds. */
  readonly firstCapturedAt: number | undefined;
  readonly lastCapturedAt: number | undefined;
  /** Wall time of the run, milliseconds. */
  readonly elapsedMs: number;
  readonly fragments: number;
  readonly bytesDownloaded: number;
  /** Of which no picture was needed, and which were not asked for. */
  readonly fragmentsSkipped: number;
  /** Bytes of media, and pictures, that were not needed; of fragments that were not asked for, an estimate. */
  readonly bytesSaved: number;
  readonly decodesSaved: number;
  readonly bytesWritten: number;
  readonly gaps: number;
  readonly reconnects: number;
  readonly urlRefreshes: number;
  readonly lagStartMs: number | undefined;
  readonly lagEndMs: number | undefined;
  readonly ended: RunEnd;
  readonly error: { readonly code: ErrorCode | "INTERNAL" | "INCOMPLETE"; readonly message: string } | undefined;
  readonly exitCode: number;
}

export function summaryRecord(run: RunSummary) {
  const { firstCapturedAt: first, lastCapturedAt: last } = run;
  const durationMs = first === undefined || last === undefined ? 0 : last - first;
  return {
    type: "summary",
    camera: run.cameraId,
    frames: run.frames,
    firstCapturedAt: first === undefined ? null : isoTime(first),
    lastCapturedAt: last === undefined ? null : isoTime(last),
    durationMs,
    elapsedMs: run.elapsedMs,
    fps: framesPerSecond(run.frames, durationMs),
    fragments: run.fragments,
    bytesDownloaded: run.bytesDownloaded,
    fragmentsSkipped: run.fragmentsSkipped,
    bytesSaved: run.bytesSaved,
    decodesSaved: run.decodesSaved,
    bytesWritten: run.bytesWritten,
    gaps: run.gaps,
    reconnects: run.reconnects,
    urlRefreshes: run.urlRefreshes,
    lagStartMs: run.lagStartMs ?? null,
    lagEndMs: run.lagEndMs ?? null,
    ended: run.ended,
    ...(run.error && { error: { code: run.error.code, message: redact(run.error.message) } }),
    exitCode: run.exitCode,
    schema: SCHEMA,
  };
}

/** n frames bound n - 1 intervals; null where there is none. */
const framesPerSecond = (frames: number, durationMs: number): number | null =>
  durationMs > 0 ? Math.round(((frames - 1) * 1e6) / durationMs) / 1000 : null;

/** One record as one line. */
export const ndjson = (record: object): string => `${JSON.stringify(record)}\n`;
