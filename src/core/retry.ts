/** When to try again, as data: the delays, and how often in a row. */
export interface RetryPolicy {
  /** Delay before the second try, milliseconds. */
  readonly delayMs: number;
  /** No delay is longer than this, milliseconds. */
  readonly maxDelayMs: number;
  readonly multiplier: number;
  /** Failures in a row after which trying again is given up. */
  readonly maxAttempts: number;
}

/**
 * Delay after the given failure in a row (from 1), milliseconds: exponential, with 80 to 120 % jitter, so that a hundred
 * readers of one outage do not come back in step. `random` is in [0, 1).
 */
export function retryDelay(policy: RetryPolicy, failures: number, random: number = Math.random()): number {
  // Bounded, because no delay times an infinite factor would be no number.
  const factor = Math.min(policy.multiplier ** (failures - 1), Number.MAX_VALUE);
  const exact = Math.min(policy.delayMs * factor, policy.maxDelayMs);
  const [least, most] = [exact * 0.8, Math.min(exact * 1.2, policy.maxDelayMs)];
  return Math.round(least + (most - least) * random);
}
