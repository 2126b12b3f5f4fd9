import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { OutputError } from "../../src/core/errors.js";
import { startMonitoring, type Health, type MonitoringServer } from "../../src/telemetry/server.js";

const start = (health: () => Health = () => ({ isHealthy: true, detail: {} }), port = 0): Promise<MonitoringServer> =>
  startMonitoring({ host: "127.0.0.1", port, metrics: { contentType: "text/plain", text: () => Promise.resolve("series 1\n") }, health });

test("/livez says that the process runs, /readyz whether frames come, with the reason", async () => {
  let health: Health = { isHealthy: false, detail: { state: "reconnecting" } };
  await using server = await start(() => health);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
  const notReady = await fetch(`${server.url}/readyz`);
  assert.equal(notReady.status, 503);
  assert.deepEqual(await notReady.json(), { status: "not ready", state: "reconnecting" });
  health = { isHealthy: true, detail: { state: "connected" } };
  const ready = await fetch(`${server.url}/readyz?verbose`);
  assert.equal(ready.status, 200);
  assert.deepEqual(await ready.json(), { status: "ready", state: "connected" });
});

test("other pages are 404, other methods 405, HEAD has no body", async () => {
  await using server = await start();
  for (const path of ["/", "/metrics/", "/toString", "/favicon.ico"]) assert.equal((await fetch(server.url + path)).status, 404, path);
  const posted = await fetch(`${server.url}/metrics`, { method: "POST" });
  assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
  const head = await fetch(`${server.url}/metrics`, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("a request line that is no path is 404 and harms nothing", async () => {
  await using server = await start();
  const outgoing = request(server.url, { path: "//" }).end();
  const [response] = await once(outgoing, "response");
  assert.equal(response.statusCode, 404);
});

test("close does not wait for a scraper that keeps its connection", async () => {
  const server = await start();
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => undefined);
  const before = performance.now();
  await server[Symbol.asyncDispose]();
  assert.ok(performance.now() - before < 500);
  socket.destroy();
});

test("a port in use and an address that is not ours are told apart in people's words", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  try {
    await assert.rejects(start(undefined, port), (error) => {
      assert.ok(error instanceof OutputError);
      assert.equal(error.code, "CANNOT_CREATE");
      assert.equal(error.message, `cannot serve metrics on 127.0.0.1:${port}: the port is in use (EADDRINUSE); choose another --metrics-port, or 0 for any free one`);
      return true;
    });
    const elsewhere = startMonitoring({ host: "192.0.2.1", port: 0, metrics: { contentType: "", text: () => Promise.resolve("") }, health: () => ({ isHealthy: true, detail: {} }) });
    await assert.rejects(elsewhere, /this machine does not have the address/);
  } finally {
    other.close();
  }
});
