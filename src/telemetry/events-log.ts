import ms from "ms";
import { DecoderError } from "../core/errors.js";
import type { GapCause, SessionReason, SourceEvent } from "../core/events.js";
import { isoTime } from "../core/time.js";
import type { Log } from "./deferred-log.js";

const CAUSES: Readonly<Record<GapCause, string>> = {
  window: "the live window moved on before they were read",
  fragment: "a fragment could not be fetched",
  corrupt: "a fragment could not be decoded",
  offline: "the camera sent nothing",
  lag: "delivery skipped ahead to stay live",
};

const ROUTINE: ReadonlySet<SessionReason> = new Set<SessionReason>(["refresh", "still", "archive"]);

/** Tells the log what happens in a source: what needs a person is a warning, what comes with every fragment is debug. */
export function logEvent(log: Log, event: SourceEvent): void {
  switch (event.type) {
    case "state":
      log[event.state === "connected" ? "info" : "debug"](`${event.previous} to ${event.state}`);
      return;
    case "session":
      log[ROUTINE.has(event.reason) ? "debug" : "info"]({ reason: event.reason, clock: event.clock }, `session at ${event.host} until ${isoTime(event.expiresAt)}`);
      return;
    case "reconnect":
      log.warn({ code: event.error.code, attempt: event.attempt }, `${event.error.message}; trying again in ${ms(event.delayMs)}`);
      return;
    case "waiting":
      if (event.unusable === undefined) log.info(`waiting since ${isoTime(event.sinceMs)}: ${event.reason}`);
      else log.warn({ unusable: event.unusable }, `no frame since ${isoTime(event.sinceMs)} although media come: ${event.reason}; run "kvs-frames probe" for what the camera sends`);
      return;
    case "readError":
      // what follows from another, a reconnect, a gap or the end, is told louder; an ffmpeg may be replaced at no cost
      if (event.error instanceof DecoderError && event.error.retryable) log.warn({ code: event.error.code }, `${event.error.message}; decoding what it held anew`);
      else log.debug({ code: event.error.code }, event.error.message);
      return;
    case "decoder":
      log.info({ restarts: event.restarts }, `decoding ${event.codec}, ${event.width}x${event.height}`);
      return;
    case "fragment":
      log.debug({ fragment: event.number, durationMs: event.durationMs, bytes: event.bytes, frames: event.frames }, `fragment of ${isoTime(event.startMs)}`);
      return;
    case "skipped":
      log.debug({ fragment: event.number }, `fragment of ${isoTime(event.startMs)} not needed`);
      return;
    case "repeat":
      log.debug({ fragment: event.number }, `the camera sent the footage of ${isoTime(event.startMs)} again`);
      return;
    case "gap":
      log.warn({ cause: event.cause }, `no frames from ${isoTime(event.fromMs)} to ${isoTime(event.toMs)}: ${CAUSES[event.cause]}`);
      return;
    case "frame":
      log.trace({ fragment: event.frame.fragment, index: event.frame.index }, `frame of ${isoTime(event.frame.capturedAt)}`);
  }
}
