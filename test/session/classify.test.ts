import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { KVSConnectionError, type ErrorCode } from "../../src/core/errors.js";
import { LIVE, openApi } from "../helpers/api.js";
import { startKvs, type KvsAnswer, type KvsScript } from "../helpers/scripted-kvs.js";
import { listening, startServer } from "../helpers/scripted-server.js";

const never = new AbortController().signal;

/** What opening a session fails with when the service plays this script. */
async function failure(script: KvsScript, check?: (asked: readonly string[]) => void): Promise<KVSConnectionError> {
  await using server = await startKvs(script);
  const error = await failureAt(server.origin);
  check?.(server.asked);
  return error;
}

async function failureAt(endpointUrl: string): Promise<KVSConnectionError> {
  using api = openApi(endpointUrl);
  const error = await api.openHlsSession(LIVE, never).then(() => assert.fail("it did not fail"), (reason: unknown) => reason);
  assert.ok(error instanceof KVSConnectionError, inspect(error));
  return error;
}

/** Name on the wire, status, code, whether trying again can help, and words of advice. */
const KINDS: readonly (readonly [string, number, ErrorCode, boolean, RegExp])[] = [
  ["ResourceNotFoundException", 404, "STREAM_NOT_FOUND", false, /check its name, the region/],
  ["InvalidArgumentException", 400, "INVALID_REQUEST", false, /bad thing/],
  ["ValidationException", 400, "INVALID_REQUEST", false, /bad thing/],
  ["ClientLimitExceededException", 400, "THROTTLED", true, /bad thing/],
  ["NotAuthorizedException", 401, "NOT_AUTHORIZED", false, /permission kinesisvideo:GetDataEndpoint/],
  ["AccessDeniedException", 403, "NOT_AUTHORIZED", false, /permission/],
  ["InvalidSignatureException", 403, "NOT_AUTHORIZED", false, /credentials/],
  ["UnrecognizedClientException", 403, "NOT_AUTHORIZED", false, /credentials/],
  ["ExpiredTokenException", 403, "NOT_AUTHORIZED", false, /expired: renew them/],
  ["SomethingNewException", 403, "NOT_AUTHORIZED", false, /permission/],
  ["SomethingNewException", 400, "SERVICE_ERROR", false, /bad thing/],
];
const MEDIA_KINDS: typeof KINDS = [
  ["UnsupportedStreamMediaTypeException", 400, "UNSUPPORTED_MEDIA", false, /H\.264 or H\.265 video on track 1/],
  ["MissingCodecPrivateDataException", 400, "UNSUPPORTED_MEDIA", false, /codec private data/],
  ["InvalidCodecPrivateDataException", 400, "UNSUPPORTED_MEDIA", false, /codec private data/],
  ["NoDataRetentionException", 400, "NO_RETENTION", false, /retention above 0 hours/],
];

describe("an answer of the service", { concurrency: true }, () => {
  for (const [step, kinds] of [["finding the endpoint", KINDS], ["opening the session", [...KINDS, ...MEDIA_KINDS]]] as const) {
    for (const [error, status, code, retryable, advice] of kinds) {
      test(`${error} (${status}) when ${step} is ${code}`, async () => {
        const answer: KvsAnswer = { error, status, message: "A bad  thing\nhappened." };
        const failed = await failure(step === "finding the endpoint" ? { dataEndpoint: answer } : { session: () => answer });
        assert.deepEqual([failed.code, failed.retryable], [code, retryable]);
        assert.match(failed.message, /^cannot open stream "front": A bad thing happened(;|$)/);
        assert.match(failed.message, advice);
        assert.equal((failed.cause as Error).name, error);
      });
    }
  }

  test("of status 500 is the service's own trouble, and not for the SDK to try again", async () => {
    const failed = await failure({ session: () => ({ error: "InternalFailure", status: 500 }) }, (asked) => assert.equal(asked.length, 2));
    assert.deepEqual([failed.code, failed.retryable], ["SERVICE_ERROR", true]);
  });

  const unknownOperation: KvsAnswer = { fields: { Output: { __type: "com.amazon.coral.service#UnknownOperationException" }, Version: "1.0" } };
  for (const script of [{ dataEndpoint: unknownOperation }, { session: () => unknownOperation }]) {
    test(`that it cannot route a request, under status 200, is no success (${Object.keys(script).join()})`, async () => {
      const failed = await failure(script);
      assert.deepEqual([failed.code, failed.retryable], ["SERVICE_ERROR", true]);
      assert.match(failed.message, /the service gave no (URL|address)/);
    });
  }

  for (const status of [200, 404, 502]) {
    test(`that is an html page, under status ${status}, is a service error`, async () => {
      const failed = await failure({ dataEndpoint: { raw: "<html><body>It works!</body></html>", status } });
      assert.equal(failed.code, "SERVICE_ERROR", failed.message);
    });
  }
});

describe("a service that is not there", { concurrency: true }, () => {
  const isUnreachable = (failed: KVSConnectionError, words: RegExp): void => {
    assert.deepEqual([failed.code, failed.retryable], ["UNREACHABLE", true]);
    assert.match(failed.message, words);
    assert.match(failed.message, /check the network, the region and --endpoint-url/);
  };

  test("because nobody listens is unreachable", async () => {
    const server = await startKvs();
    await server[Symbol.asyncDispose]();
    isUnreachable(await failureAt(server.origin), /ECONNREFUSED/);
  });

  test("because its name does not exist is unreachable", async () => {
    isUnreachable(await failureAt("http://no-such-host.invalid"), /ENOTFOUND|EAI_AGAIN/);
  });

  test("because nothing on its port speaks HTTP is unreachable", async () => {
    const server = createServer((socket) => socket.on("error", () => socket.destroy()).end("220 mail ready\r\n"));
    const port = await listening(server);
    try {
      isUnreachable(await failureAt(`http://127.0.0.1:${port}`), /./);
      isUnreachable(await failureAt(`https://127.0.0.1:${port}`), /./);
    } finally {
      server.close();
    }
  });

  test("because it hangs up is unreachable, and not merely late", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).once("data", () => socket.resetAndDestroy()));
    const port = await listening(server);
    try {
      isUnreachable(await failureAt(`http://127.0.0.1:${port}`), /ECONNRESET/);
    } finally {
      server.close();
    }
  });

  test("because it never answers is given up once the time is up", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined));
    const port = await listening(server);
    try {
      using api = openApi(`http://127.0.0.1:${port}`, { timeoutMs: 200 });
      const failed = await api.describeStream(never).then(() => assert.fail(), (reason: unknown) => reason);
      assert.ok(failed instanceof KVSConnectionError, inspect(failed));
      assert.deepEqual([failed.code, failed.retryable], ["TIMEOUT", true]);
    } finally {
      server.close();
    }
  });
});

test("a call that is aborted rejects with the signal's own reason", async () => {
  await using server = await startServer(() => undefined);
  using api = openApi(server.origin);
  const controller = new AbortController();
  const reason = new Error("enough");
  const opening = api.openHlsSession(LIVE, controller.signal);
  setTimeout(() => controller.abort(reason), 100);
  await assert.rejects(opening, (error) => error === reason);
});

test("an endpoint is asked for once while it serves, and anew after a failure", async () => {
  await using server = await startKvs({ session: (times) => (times === 2 ? { error: "InternalFailure" } : times === 4 ? { error: "InvalidArgumentException" } : { fields: { HLSStreamingSessionURL: `http://127.0.0.1/?SessionToken=s${times}` } }) });
  using api = openApi(server.origin);
  await api.openHlsSession(LIVE, never);
  await assert.rejects(api.openHlsSession(LIVE, never));
  await api.openHlsSession(LIVE, never);
  assert.deepEqual(server.asked.map((line) => line.slice(6)), ["getDataEndpoint", "getHLSStreamingSessionURL", "getHLSStreamingSessionURL", "getDataEndpoint", "getHLSStreamingSessionURL"]);
  // What says nothing of the address leaves it as it is.
  await assert.rejects(api.openHlsSession(LIVE, never));
  await api.openHlsSession(LIVE, never);
  assert.deepEqual(server.asked.slice(5).map((line) => line.slice(6)), ["getHLSStreamingSessionURL", "getHLSStreamingSessionURL"]);
});
