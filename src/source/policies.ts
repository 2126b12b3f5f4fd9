import type { FrameSourceError } from "../core/errors.js";
import type { SourceOptions } from "../core/options.js";
import type { RetryPolicy } from "../core/retry.js";

/** A camera that sends nothing is no failure: how often to look is all there is to decide; `wait` says for how long. */
const NO_MEDIA: RetryPolicy = { delayMs: 2000, maxDelayMs: 5000, multiplier: 1.5, maxAttempts: Infinity };
/** A decoder is ours and starts in no time; one that fails again and again will not get better by waiting. */
const DECODER: RetryPolicy = { delayMs: 200, maxDelayMs: 1000, multiplier: 2, maxAttempts: 3 };
/** An address that never once answered is more likely wrong than down. */
const NEVER_REACHED_ATTEMPTS = 3;

/** How to go on after this error, if it is one that can be retried. */
export function retryPolicy(error: FrameSourceError, options: SourceOptions, wasConnected: boolean): RetryPolicy {
  switch (error.code) {
    case "NO_MEDIA":
      return NO_MEDIA;
    case "FFMPEG_FAILED":
    case "FFMPEG_STALLED":
      return DECODER;
    default: {
      const { reconnectDelay, maxReconnectDelay, backoffMultiplier, maxConsecutiveErrors } = options;
      return {
        delayMs: reconnectDelay * 1000,
        maxDelayMs: maxReconnectDelay * 1000,
        multiplier: backoffMultiplier,
        maxAttempts: wasConnected ? maxConsecutiveErrors : Math.min(maxConsecutiveErrors, NEVER_REACHED_ATTEMPTS),
      };
    }
  }
}
