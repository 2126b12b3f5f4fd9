import { FrameSourceError } from "../../core/errors.js";
import { isoTime } from "../../core/time.js";
import type { Snapshot } from "../../index.js";
import { errorMessage } from "../error-message.js";
import { exitCodeOf } from "../exit.js";

/** Rises when a record changes in a way that a reader could trip over. */
const SCHEMA = 1;

/** What became of one stream's picture, and the exit code that says so. */
export interface Outcome {
  readonly record: object;
  readonly exitCode: number;
}

export interface WrittenPicture extends Snapshot {
  readonly cameraId: string;
  /** null on stdout. */
  readonly path: string | null;
  /** Of the file. */
  readonly bytes: number;
  /** Age of the picture when it was taken, milliseconds. */
  readonly ageMs: number;
}

export function success({ cameraId, path, bytes, ageMs, source, frame }: WrittenPicture): Outcome {
  const { capturedAt, clock, fragment, index, keyframe, width, height } = frame;
  const picture = { path, capturedAt: isoTime(capturedAt), capturedAtMs: capturedAt, ageMs, clock, source, fragment, index, keyframe, width, height, bytes };
  return { record: { type: "snapshot", camera: cameraId, ...picture, schema: SCHEMA }, exitCode: 0 };
}

export function failure(cameraId: string, error: unknown): Outcome & { readonly code: string; readonly message: string } {
  const code = error instanceof FrameSourceError ? error.code : "INTERNAL";
  const message = errorMessage(error) ?? code;
  const exitCode = exitCodeOf(error);
  return { record: { type: "snapshot", camera: cameraId, error: { code, message }, exitCode, schema: SCHEMA }, exitCode, code, message };
}
