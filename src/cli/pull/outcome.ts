import { FrameSourceError } from "../../core/errors.js";
import { ReaderGoneError } from "../../sinks/byte-stream.js";
import type { RunEnd, RunSummary } from "../../sinks/manifest.js";
import { errorMessage } from "../error-message.js";
import { exitCodeOf, INCOMPLETE } from "../exit.js";
import { Interrupted } from "../interrupted.js";

/** No frame came for as long as the run was to last. */
export class DurationOver extends Error {
  override readonly name = "DurationOver";
}

export type Outcome = Pick<RunSummary, "ended" | "error" | "exitCode">;

export const success = (ended: RunEnd): Outcome => ({ ended, error: undefined, exitCode: 0 });

/** How a run ended by what was thrown: not all of it is a failure. */
export function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof DurationOver) return success("duration");
  if (thrown instanceof ReaderGoneError) return success("pipe");
  const exitCode = exitCodeOf(thrown);
  if (thrown instanceof Interrupted) return { ended: "signal", error: undefined, exitCode };
  const code = thrown instanceof FrameSourceError ? thrown.code : "INTERNAL";
  return { ended: "error", error: { code, message: errorMessage(thrown) ?? code }, exitCode };
}

/** Under --strict a run that is otherwise a success fails when frames are missing. */
export function strictly(outcome: Outcome, missing: string | undefined): Outcome {
  if (outcome.exitCode !== 0 || outcome.ended === "pipe" || missing === undefined) return outcome;
  return { ended: outcome.ended, error: { code: "INCOMPLETE", message: `${missing}; without --strict this is a success` }, exitCode: INCOMPLETE };
}

/** Silence for a whole duration is no media, and a script should not take it for success. */
export function withoutFrames(cameraId: string): Outcome {
  const error = new FrameSourceError(`no frame came from ${cameraId} in time; check that the camera is sending, or allow longer with --duration`, { code: "NO_MEDIA", retryable: true });
  return { ...outcomeOf(error), ended: "duration" };
}
