import http from "node:http";
import https from "node:https";
import { inspect } from "node:util";
import assert from "node:assert/strict";
import { HLSStreamError, type ErrorCode } from "../../src/core/errors.js";
import { Downloader } from "../../src/hls/download.js";

export const TOKEN = "CiBsecretsecretsecret~";

/** A downloader with agents of its own, which end with it. */
export function openDownloader(timeoutMs = 5000): Downloader & Disposable {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  return Object.assign(new Downloader(agents, timeoutMs), { [Symbol.dispose]: () => agents.http.destroy() });
}

/** The error that a promise rejects with; neither it nor its cause may show a token. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason as Error,
  );
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("secret"), "a token is in the error");
  return error;
}

export async function failsWith(promise: Promise<unknown>, code: ErrorCode, retryable: boolean): Promise<void> {
  const error = await failureOf(promise);
  assert.ok(error instanceof HLSStreamError, inspect(error));
  assert.deepEqual([error.code, error.retryable], [code, retryable], error.message);
}
