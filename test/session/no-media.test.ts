import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KVSConnectionError, type ErrorCode } from "../../src/core/errors.js";
import { LiveSessions } from "../../src/session/live-sessions.js";
import { Openings } from "../../src/session/openings.js";
import { openApi } from "../helpers/api.js";
import { startKvs, type KvsAnswer, type KvsScript } from "../helpers/scripted-kvs.js";

const GONE: KvsAnswer = { error: "ResourceNotFoundException", status: 404, message: "The requested stream is not found or not active." };
const SILENT: KvsAnswer = { error: "ResourceNotFoundException", status: 404, message: "No fragments found in the stream for the streaming request." };
const FORBIDDEN: KvsAnswer = { error: "AccessDeniedException", status: 403 };

/** Code, and whether DescribeStream was asked. */
async function failure(script: KvsScript): Promise<{ code: ErrorCode; retryable: boolean; message: string; described: boolean }> {
  await using server = await startKvs(script);
  using api = openApi(server.origin);
  const sessions = new LiveSessions({ openings: new Openings(api), clock: "producer", sessionSeconds: 300, refreshMarginMs: 30_000, onSession: () => assert.fail() });
  const error = await sessions.acquire(new AbortController().signal).then(() => assert.fail(), (reason: unknown) => reason);
  assert.ok(error instanceof KVSConnectionError, String(error));
  return { code: error.code, retryable: error.retryable, message: error.message, described: server.asked.includes("POST /describeStream") };
}

describe("when the service finds nothing", { concurrency: true }, () => {
  test("and the stream is there, its camera is silent, which may pass", async () => {
    const { code, retryable, message } = await failure({ session: () => SILENT });
    assert.deepEqual([code, retryable], ["NO_MEDIA", true]);
    assert.match(message, /sent nothing in the last 30 s/);
  });

  test("and the stream is there, the words of the answer do not matter", async () => {
    assert.equal((await failure({ session: () => GONE })).code, "NO_MEDIA");
  });

  test("and there is no such stream, that is final", async () => {
    const { code, retryable } = await failure({ session: () => SILENT, describe: GONE });
    assert.deepEqual([code, retryable], ["STREAM_NOT_FOUND", false]);
  });

  test("at the very first question, there is no such stream", async () => {
    const { code, message } = await failure({ dataEndpoint: GONE, describe: GONE });
    assert.equal(code, "STREAM_NOT_FOUND");
    assert.match(message, /stream "front"/);
  });

  test("and we may not ask whether the stream is there, the words of the answer must do", async () => {
    assert.equal((await failure({ session: () => SILENT, describe: FORBIDDEN })).code, "NO_MEDIA");
    assert.equal((await failure({ session: () => GONE, describe: FORBIDDEN })).code, "STREAM_NOT_FOUND");
  });

  test("other failures are not asked about", async () => {
    const { code, described } = await failure({ session: () => FORBIDDEN });
    assert.deepEqual([code, described], ["NOT_AUTHORIZED", false]);
  });
});
