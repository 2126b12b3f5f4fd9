import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { SessionUrl } from "../../src/core/session-url.js";
import { failsWith, failureOf, openDownloader, TOKEN } from "../helpers/http-reading.js";
import { startServer, type ScriptedServer } from "../helpers/scripted-server.js";

const RESOURCE = { what: "a fragment", maxBytes: 1000, isLong: true };
const never = new AbortController().signal;
const urlOf = ({ origin }: { origin: string }, path = "/x"): SessionUrl => new SessionUrl(`${origin}${path}?SessionToken=${TOKEN}`);

/** Runs the download of one resource that is answered so. */
async function download(answer: RequestListener, { timeoutMs = 5000, signal = never } = {}, then?: (server: ScriptedServer) => void): Promise<Buffer> {
  await using server = await startServer(answer);
  using downloader = openDownloader(timeoutMs);
  try {
    return (await downloader.get(urlOf(server), RESOURCE, signal)).body;
  } finally {
    then?.(server);
  }
}

const status = (code: number, headers = {}): RequestListener => (_, response) => response.writeHead(code, headers).end(`<Message>${TOKEN}</Message>`);

test("a resource comes as its bytes, with the time of its arrival, asked for with its token and uncompressed", async () => {
  let encoding: string | undefined;
  await using server = await startServer((request, response) => {
    encoding = String(request.headers["accept-encoding"]);
    response.write("hel");
    setTimeout(() => response.end("lo"), 30);
  });
  using downloader = openDownloader();
  const before = Date.now();
  const { body, receivedAt } = await downloader.get(urlOf(server), RESOURCE, never);
  assert.equal(String(body), "hello");
  assert.ok(receivedAt >= before + 25 && receivedAt <= Date.now());
  assert.deepEqual(server.asked, [`GET /x?SessionToken=${TOKEN}`]);
  assert.equal(encoding, "identity");
});

test("401 and 403 mean that the session has ended", async () => {
  for (const code of [401, 403]) await failsWith(download(status(code)), "SESSION_EXPIRED", true);
});

test("throttling, a missing fragment and a server in trouble may pass", async () => {
  for (const code of [400, 404, 429, 500, 503]) await failsWith(download(status(code)), "HTTP_STATUS", true);
});

test("other answers will not get better", async () => {
  for (const code of [204, 206, 405, 410]) await failsWith(download(status(code)), "HTTP_STATUS", false);
});

test("a redirect is refused and not followed", async () => {
  await using elsewhere = await startServer((_, response) => response.end("stolen"));
  for (const code of [301, 302, 307, 308]) {
    await failsWith(download(status(code, { location: `${elsewhere.origin}/?SessionToken=${TOKEN}` })), "HTTP_STATUS", false);
  }
  assert.deepEqual(elsewhere.asked, []);
});

test("a compressed answer is refused", async () => {
  const body = gzipSync("hello");
  await failsWith(download((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(body)), "HTTP_STATUS", false);
});

test("an endless body is given up at the limit", async () => {
  let sent = 0;
  const endless: RequestListener = (_, response) => {
    const timer = setInterval(() => {
      sent += 400;
      response.write(Buffer.alloc(400));
    }, 5);
    response.on("close", () => clearInterval(timer));
  };
  await failsWith(download(endless), "TOO_LARGE", false);
  assert.ok(sent < 20_000, `${sent} bytes were sent`);
});

test("a body of exactly the limit is taken", async () => {
  assert.equal((await download((_, response) => response.end(Buffer.alloc(1000)))).length, 1000);
});

test("a connection reset in the middle of the body is a network error", async () => {
  const cut: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setTimeout(() => response.socket?.resetAndDestroy(), 20);
  };
  await failsWith(download(cut), "NETWORK", true);
});

test("a body shorter than announced is a network error", async () => {
  const short: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setTimeout(() => response.socket?.end(), 20);
  };
  await failsWith(download(short), "NETWORK", true);
});

test("an answer that is no HTTP is a network error", async () => {
  await failsWith(download((request) => request.socket.end(`220 smtp ready ${TOKEN}\r\n`)), "NETWORK", true);
});

test("nobody listening is a network error that names the host", async () => {
  const gone = await startServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  using downloader = openDownloader();
  const error = await failureOf(downloader.get(urlOf(gone), RESOURCE, never));
  assert.match(error.message, new RegExp(`cannot get a fragment from 127.0.0.1:${gone.port}: .*ECONNREFUSED`));
});

for (const [name, answer] of [
  ["that never answers", () => undefined],
  ["that falls silent in the body", (_, response) => response.writeHead(200, { "content-length": "100" }).write("half")],
] as readonly (readonly [string, RequestListener])[]) {
  test(`a server ${name} times out within the limit`, async () => {
    const startedAt = performance.now();
    await failsWith(download(answer, { timeoutMs: 300 }), "TIMEOUT", true);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 290 && tookMs < 4000, `${tookMs} ms`);
  });

  test(`waiting for a server ${name} ends at once with the signal's own reason`, async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 100);
    const startedAt = performance.now();
    assert.equal(await failureOf(download(answer, { signal: controller.signal })), reason);
    assert.ok(performance.now() - startedAt < 4000);
  });
}

test("an aborted signal asks nothing of the server", async () => {
  const reason = new Error("before it began");
  const download1 = download((_, response) => response.end(), { signal: AbortSignal.abort(reason) }, (server) => assert.deepEqual(server.asked, []));
  assert.equal(await failureOf(download1), reason);
});
