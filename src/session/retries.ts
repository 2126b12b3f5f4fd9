import { setTimeout as sleep } from "node:timers/promises";
import { FrameSourceError, type ErrorCode } from "../core/errors.js";
import { retryDelay, type RetryPolicy } from "../core/retry.js";

const WHEN_THROTTLED: RetryPolicy = { delayMs: 1000, maxDelayMs: 4000, multiplier: 2, maxAttempts: 4 };
/** A hiccup of the service, or a connection that it closed just then: no reason to count the connection as lost. */
const WHEN_TROUBLED: RetryPolicy = { delayMs: 200, maxDelayMs: 1000, multiplier: 2, maxAttempts: 3 };
/** Not after a timeout, which has cost its time. */
const POLICIES: Readonly<Partial<Record<ErrorCode, RetryPolicy>>> = { THROTTLED: WHEN_THROTTLED, SERVICE_ERROR: WHEN_TROUBLED, UNREACHABLE: WHEN_TROUBLED };

/** Asks the service again after a throttle, which the SDK takes for a refusal, and after a hiccup. */
export async function retryingBriefly<T>(ask: () => Promise<T>, signal: AbortSignal, onFailed: (error: FrameSourceError) => void = () => undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const policy = error instanceof FrameSourceError && error.retryable ? POLICIES[error.code] : undefined;
      if (policy === undefined || tries >= policy.maxAttempts) throw error;
      onFailed(error as FrameSourceError);
      await pause(retryDelay(policy, tries), signal);
    }
  }
}

/** @throws the signal's reason: an aborted sleep rejects with an error of its own */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
