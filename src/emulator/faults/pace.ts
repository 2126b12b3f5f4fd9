import { setTimeout as sleep } from "node:timers/promises";
import type { Pace } from "../http/message.js";

/** What setTimeout can hold: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;
const DRIPS_PER_SECOND = 4;

/** Rejects when the signal says that nobody waits any more. */
export const wait = (ms: number, signal: AbortSignal): Promise<void> => sleep(Math.min(ms, LONGEST_MS), undefined, { signal });

/** @param bytes default: half of the body */
export const part = (body: Buffer, bytes = Math.floor(body.length / 2)): Buffer => body.subarray(0, bytes);

export const cutAfter = (bytes: number | undefined): Pace => (body) => [part(body, bytes)];

export const stallAfter = (bytes: number, ms: number): Pace => async function* (body, signal) {
  yield body.subarray(0, bytes);
  await wait(ms, signal);
  yield body.subarray(bytes);
};

export const drip = (bytesPerSecond: number): Pace => async function* (body, signal) {
  const size = Math.ceil(bytesPerSecond / DRIPS_PER_SECOND);
  for (let at = 0; at < body.length; at += size) {
    if (at > 0) await wait((size / bytesPerSecond) * 1000, signal);
    yield body.subarray(at, at + size);
  }
};
