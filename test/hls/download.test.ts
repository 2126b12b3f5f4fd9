import assert from "node:assert/strict";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { HLSStreamError } from "../../src/core/errors.js";
import { SessionUrl } from "../../src/core/session-url.js";
import { failsWith, failureOf, openDownloader, TOKEN } from "../helpers/http-reading.js";
import { startServer, type ScriptedServer } from "../helpers/scripted-server.js";

const RESOURCE = { what: "a fragment", maxBytes: 1000, isLong: false };
const never = new AbortController().signal;
const urlOf = ({ origin }: { origin: string }, path = "/x"): SessionUrl => new SessionUrl(`${origin}${path}?SessionToken=${TOKEN}`);

/** Runs the download of one resource that is answered so. */
async function download(answer: RequestListener, { timeoutMs = 5000, signal = never, resource = RESOURCE } = {}, then?: (server: ScriptedServer) => void): Promise<Buffer> {
  await using server = await startServer(answer);
  using downloader = openDownloader(timeoutMs);
  try {
    return (await downloader.get(urlOf(server), resource, signal)).body;
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

test("a redirect is refused in these words and not followed", async () => {
  await using elsewhere = await startServer((_, response) => response.end("stolen"));
  for (const code of [301, 302, 307, 308]) {
    const redirected = (): Promise<Buffer> => download(status(code, { location: `${elsewhere.origin}/?SessionToken=${TOKEN}` }));
    await failsWith(redirected(), "HTTP_STATUS", false);
    assert.equal((await failureOf(redirected())).message, `cannot get a fragment: it was answered with a redirect (status ${code}), which is not followed`);
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

test("a body that is announced as too long is refused before it comes", async () => {
  let gone = false;
  const boast: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": "1001" }).write("x");
    response.on("close", () => (gone = true));
  };
  const error = await failureOf(download(boast, {}, () => assert.ok(!gone, "it did not wait for the end")));
  assert.ok(error instanceof HLSStreamError && error.code === "TOO_LARGE" && !error.retryable);
  assert.match(error.message, /it announces 1001 bytes, at most 1000 are taken/);
});

test("a body of no bytes is one, announced or not", async () => {
  assert.equal((await download((_, response) => response.writeHead(200, { "content-length": "0" }).end())).length, 0);
  assert.equal((await download((_, response) => response.writeHead(200, { "transfer-encoding": "chunked" }).end())).length, 0);
});

/** An answer that no server of Node's would give. */
const raw = (text: string): RequestListener => (request) => request.socket.end(text);

for (const [what, head] of [
  ["a negative length", "Content-Length: -5"],
  ["a length of 10^30", `Content-Length: 1${"0".repeat(30)}`],
  ["a length that is no number", "Content-Length: many"],
  ["two lengths", "Content-Length: 2\r\nContent-Length: 3"],
  ["a length beside chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked"],
  ["a header of a megabyte", `X-Long: ${"x".repeat(2 ** 20)}`],
  ["a hundred thousand headers", "X-Many: x\r\n".repeat(100_000) + "X: x"],
] as const) {
  test(`${what} is a network error`, () => failsWith(download(raw(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nok`)), "NETWORK", true));
}

test("what comes after the announced length is not taken, and not for the next answer either", async () => {
  let times = 0;
  await using server = await startServer((request) => request.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${times++ === 0 ? "okHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" : "fine"}`));
  using downloader = openDownloader();
  for (const expected of ["ok", "fi"]) assert.equal(String((await downloader.get(urlOf(server), RESOURCE, never)).body), expected);
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

/** Sends something again and again until nobody listens any more. */
const dripping = (everyMs: number, drip: (socket: Socket, response: ServerResponse) => unknown): RequestListener => (request, response) => {
  const timer = setInterval(() => drip(request.socket, response), everyMs);
  request.socket.on("close", () => clearInterval(timer)).on("error", () => undefined);
};

for (const [what, answer] of [
  ["headers drip", (request: IncomingMessage, response: ServerResponse): void => {
    request.socket.write("HTTP/1.1 200 OK\r\nX: ");
    dripping(30, (socket) => socket.write("x"))(request, response);
  }],
  ["preliminary answers never end", dripping(30, (socket) => socket.write("HTTP/1.1 102 Processing\r\n\r\n"))],
  ["answer is an upgrade", raw("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")],
] as const) {
  test(`a server whose ${what} is given up within the limit`, async () => {
    const startedAt = performance.now();
    const error = await failureOf(download(answer, { timeoutMs: 300 }));
    assert.ok(error instanceof HLSStreamError && ["TIMEOUT", "NETWORK"].includes(error.code), error.message);
    assert.ok(performance.now() - startedAt < 4000);
  });
}

const drip = dripping(20, (_, response) => response.write("x"));

test("a short resource must be whole within the limit, however lively it comes", async () => {
  const startedAt = performance.now();
  assert.match((await failureOf(download(drip, { timeoutMs: 300 }))).message, /not whole within 0\.3 s$/);
  assert.ok(performance.now() - startedAt < 2000);
});

test("a long one may take longer than the limit, as long as it brings a KiB a second", async () => {
  const resource = { what: "a fragment", maxBytes: 1e6, isLong: true };
  let sent = 0;
  const slow = dripping(50, (_, response) => (sent++ < 24 ? response.write(Buffer.alloc(200)) : response.end()));
  assert.equal((await download(slow, { timeoutMs: 300, resource })).length, 24 * 200);
  const startedAt = performance.now();
  const error = await failureOf(download(drip, { timeoutMs: 300, resource }));
  assert.match(error.message, /slower than 1024 bytes a second for 0\.3 s$/);
  assert.ok(performance.now() - startedAt < 2000);
  await failsWith(download(drip, { timeoutMs: 300, resource }), "TIMEOUT", true);
});

test("a long one that brings much and then nothing is given up", async () => {
  const resource = { what: "a fragment", maxBytes: 1e6, isLong: true };
  const stalled: RequestListener = (_, response) => response.writeHead(200, { "content-length": "100000" }).write(Buffer.alloc(50_000));
  assert.match((await failureOf(download(stalled, { timeoutMs: 300, resource }))).message, /silent for 0\.3 s$/);
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
