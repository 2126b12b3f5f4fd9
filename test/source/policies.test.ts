import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameSourceError, type ErrorCode } from "../../src/core/errors.js";
import { resolveOptions } from "../../src/core/options.js";
import { retryPolicy } from "../../src/source/policies.js";

const OPTIONS = resolveOptions({ streamName: "front", reconnectDelay: 1, maxReconnectDelay: 8, backoffMultiplier: 3, maxConsecutiveErrors: 7 });
const policyOf = (code: ErrorCode, wasConnected: boolean, options = OPTIONS) => retryPolicy(new FrameSourceError("x", { code, retryable: true }), options, wasConnected);

test("a lost connection is tried again as the options say", () => {
  for (const code of ["NETWORK", "TIMEOUT", "THROTTLED", "UNREACHABLE", "SESSION_EXPIRED"] as const) {
    assert.deepEqual(policyOf(code, true), { delayMs: 1000, maxDelayMs: 8000, multiplier: 3, maxAttempts: 7 });
  }
});

test("an address that never answered is given up after three tries, or fewer if the options say so", () => {
  assert.equal(policyOf("UNREACHABLE", false).maxAttempts, 3);
  assert.equal(policyOf("UNREACHABLE", false, { ...OPTIONS, maxConsecutiveErrors: 2 }).maxAttempts, 2);
});

test("with retry forever nothing that may pass is given up", () => {
  for (const wasConnected of [true, false]) assert.equal(policyOf("NETWORK", wasConnected, { ...OPTIONS, retry: "forever" }).maxAttempts, Infinity);
  assert.equal(policyOf("FFMPEG_FAILED", true, { ...OPTIONS, retry: "forever" }).maxAttempts, 3);
});

test("a silent camera is waited for without end, looking every few seconds", () => {
  for (const wasConnected of [true, false]) assert.deepEqual(policyOf("NO_MEDIA", wasConnected), { delayMs: 2000, maxDelayMs: 5000, multiplier: 1.5, maxAttempts: Infinity });
});

test("a decoder is started anew soon, and three times at most", () => {
  for (const code of ["FFMPEG_FAILED", "FFMPEG_STALLED"] as const) {
    const { maxDelayMs, maxAttempts } = policyOf(code, true);
    assert.ok(maxDelayMs <= 1000);
    assert.equal(maxAttempts, 3);
  }
});
