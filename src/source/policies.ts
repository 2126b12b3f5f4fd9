import type { FrameSourceError } from "../core/errors.js";
import type { SourceOptions } from "../core/options.js";
import type { RetryPolicy } from "../core/retry.js";

/** A camera that sends nothing is no failure: how often to look is all there is to decide; `wait` says for how long. */
const NO_MEDIA: RetryPolicy = { delayMs: 2000, maxDelayMs: 5000, multiplier: 1.5, maxAttempts: Infinity };
/** A decoder is ours and starts in no time; one that fails again and again will not get better by waiting. */
const DECODER: RetryPolicy = { delayMs: 200, maxDelayMs: 1000, multiplier: 2, maxAttempts: 3 };
/** An address that never once answered is more likely wrong than down. */
const NEVER_REACHED_ATTEMPTS = 3;

/** What failed: each has a count of its own, so that a long silence leaves the budget for real failures whole. */
export type FailureKind = "silence" | "decoder" | "connection";

export function failureKind({ code }: FrameSourceError): FailureKind {
  if (code === "NO_MEDIA") return "silence";
  return code === "FFMPEG_FAILED" || code === "FFMPEG_STALLED" ? "decoder" : "connection";
}

/** How to go on after this error, if it is one that can be retried. */
export function retryPolicy(error: FrameSourceError, options: SourceOptions, wasConnected: boolean): RetryPolicy {
  switch (failureKind(error)) {
    case "silence":
      return NO_MEDIA;
    case "decoder":
      return DECODER;
    case "connection": {
      const { reconnectDelay, maxReconnectDelay, backoffMultiplier, maxConsecutiveErrors, retry } = options;
      const bounded = wasConnected ? maxConsecutiveErrors : Math.min(maxConsecutiveErrors, NEVER_REACHED_ATTEMPTS);
      return {
        delayMs: reconnectDelay * 1000,
        maxDelayMs: maxReconnectDelay * 1000,
        multiplier: backoffMultiplier,
        maxAttempts: retry === "forever" ? Infinity : bounded,
      };
    }
  }
}
