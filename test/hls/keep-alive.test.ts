import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { SessionUrl } from "../../src/core/session-url.js";
import { Downloader } from "../../src/hls/download.js";
import { openConnections } from "../../src/session/connection.js";

test("lists and fragments come over one connection", async () => {
  const server = createServer((_, response) => response.end(Buffer.alloc(100_000)));
  let opened = 0;
  server.on("connection", () => (opened += 1));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const connections = await openConnections({}, 3000);
  try {
    const downloader = new Downloader(connections, 5000);
    const url = new SessionUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hls/v1/list.m3u8?SessionToken=t`);
    for (let request = 0; request < 5; request++) {
      const { body } = await downloader.get(url, { what: "the list", maxBytes: 2 ** 20, isLong: request % 2 === 0 }, new AbortController().signal);
      assert.equal(body.length, 100_000);
      await new Promise((resolve) => setImmediate(resolve)); // a connection is free again a moment later
    }
    assert.equal(opened, 1);
  } finally {
    connections.close();
    server.close();
  }
});
