import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, test } from "node:test";
import { KVSConnectionError, type ErrorCode } from "../../src/core/errors.js";
import { Openings } from "../../src/session/openings.js";
import { LIVE, openApi } from "../helpers/api.js";
import { startServer } from "../helpers/scripted-server.js";

const never = new AbortController().signal;
type Trouble = (response: ServerResponse) => unknown;

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "status 500": (response) => response.writeHead(500, { "x-amzn-ErrorType": "InternalFailure" }).end("{}"),
  "status 503": (response) => response.writeHead(503, { "x-amzn-ErrorType": "ServiceUnavailable" }).end("{}"),
  "a reset": (response) => response.socket?.resetAndDestroy(),
  "an answer that breaks off": (response) => response.writeHead(200, { "content-length": 100 }).write("{", () => response.socket?.destroy()),
  "an empty answer": (response) => response.end("{}"),
};
const THROTTLE: Trouble = (response) => response.writeHead(429, { "x-amzn-ErrorType": "ClientLimitExceededException" }).end("{}");
const NO_ANSWER: Trouble = () => undefined;

/** Opens a session while the first `times` requests of that operation meet the trouble; how often each was asked, and what came of it. */
async function open(trouble: Trouble, operation: string, times: number): Promise<{ asked: number; failed: ErrorCode | undefined }> {
  let asked = 0;
  await using server = await startServer((request, response) => {
    const isTroubled = request.url === operation && ++asked <= times;
    const right = { DataEndpoint: server.origin, HLSStreamingSessionURL: `${server.origin}/x?SessionToken=s` };
    return request.resume().on("end", () => (isTroubled ? trouble(response) : response.end(JSON.stringify(right))));
  });
  using api = openApi(server.origin, { timeoutMs: 1000 });
  const failed = await new Openings(api).open(LIVE, "nothing", never).then(() => undefined, (error: unknown) => error);
  assert.ok(failed === undefined || failed instanceof KVSConnectionError, String(failed));
  return { asked, failed: failed?.code };
}

describe("opening a session", { concurrency: true }, () => {
  for (const operation of ["/getDataEndpoint", "/getHLSStreamingSessionURL"]) {
    for (const [what, trouble] of Object.entries(TROUBLES)) {
      test(`outlives ${what} of ${operation}, twice`, async () => assert.deepEqual(await open(trouble, operation, 2), { asked: 3, failed: undefined }));
      test(`fails after ${what} of ${operation}, three times`, async () => {
        const { asked, failed } = await open(trouble, operation, 3);
        assert.deepEqual([asked, failed], [3, what.startsWith("a reset") || what.includes("breaks off") ? "UNREACHABLE" : "SERVICE_ERROR"]);
      });
    }

    test(`asks ${operation} again after a throttle`, async () => assert.deepEqual(await open(THROTTLE, operation, 1), { asked: 2, failed: undefined }));
    test(`fails at the first ${operation} without an answer, which has cost its time`, async () => {
      assert.deepEqual(await open(NO_ANSWER, operation, 1), { asked: 1, failed: "TIMEOUT" });
    });
  }
});
