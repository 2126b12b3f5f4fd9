import assert from "node:assert/strict";
import http from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { openConnections } from "../../src/session/connection.js";
import { ProxyError } from "../../src/session/tunnel.js";
import { startListener, startProxy, startSocks } from "../helpers/proxy-server.js";
import { closed, listening } from "../helpers/scripted-server.js";

const TIMEOUT_MS = 1000;
const server = http.createServer(({ url, headers }, response) => response.end(`${url} of ${headers.host}`));
let port = 0;
before(async () => void (port = await listening(server)));
after(() => closed(server));

/** The answer to a request for /x of `host` with this environment. */
async function answer(env: NodeJS.ProcessEnv, host = "127.0.0.1"): Promise<string> {
  const { http: agent, close } = await openConnections(env, TIMEOUT_MS);
  try {
    const got = await new Promise<http.IncomingMessage>((resolve, reject) => http.get({ host, port, path: "/x", agent }, resolve).on("error", reject));
    return await text(got);
  } finally {
    close();
  }
}

const failing = async (env: NodeJS.ProcessEnv, isRefusal: boolean, message: RegExp): Promise<void> => {
  const startedAt = performance.now();
  await assert.rejects(answer(env), (error) => {
    assert.ok(error instanceof ProxyError, String(error));
    assert.match(error.message, message);
    assert.equal(error.isRefusal, isRefusal);
    return true;
  });
  assert.ok(performance.now() - startedAt < TIMEOUT_MS + 500, "it took longer than the timeout");
};

describe("through a proxy", () => {
  test("of HTTP the whole address goes, with user and password", async () => {
    await using proxy = await startProxy();
    assert.equal(await answer({ HTTP_PROXY: `us%20er:p%40ss@${proxy.host}` }), `/x of 127.0.0.1:${port}`);
    assert.deepEqual(proxy.asked, [`127.0.0.1:${port}`]);
    assert.deepEqual(proxy.proofs, [`Basic ${Buffer.from("us er:p@ss").toString("base64")}`]);
  });

  for (const [scheme, host, asked] of [["socks", "camera.invalid", "camera.invalid"], ["socks5h", "camera.invalid", "camera.invalid"], ["socks5", "localhost", "127.0.0.1"]] as const) {
    test(`of ${scheme} a request for ${host} asks it for ${asked}`, async () => {
      await using proxy = await startSocks();
      assert.equal(await answer({ ALL_PROXY: `${scheme}://me:secret@${proxy.host}` }, host), `/x of ${host}:${port}`);
      assert.match(proxy.asked[0] ?? "", new RegExp(`^(${asked}|::1):${port}$`));
      assert.deepEqual(proxy.proofs, ["me:secret"]);
    });
  }
});

describe("a proxy that", { concurrency: true }, () => {
  const serving = (scheme: string, serve: (client: Socket) => unknown, message: RegExp) => async (): Promise<void> => {
    await using listener = await startListener(serve);
    await failing({ ALL_PROXY: `${scheme}://user:secret@${listener.host}` }, false, message);
  };
  test("is not there is named, without its password", async () => {
    await failing({ ALL_PROXY: "http://user:secret@127.0.0.1:9" }, false, /^no connection through the proxy http:\/\/127\.0\.0\.1:9: connect ECONNREFUSED/);
    await failing({ ALL_PROXY: "socks5://user:secret@127.0.0.1:9" }, false, /^no connection through the proxy socks5:\/\/127\.0\.0\.1:9: connect ECONNREFUSED/);
  });
  test("speaks SOCKS and stays silent is given up in time", serving("socks5", () => undefined, /no answer in time|closed/));
  test("speaks SOCKS and hangs up is told", serving("socks5", (client) => client.destroy(), /no connection through the proxy socks5/));
  test("speaks SOCKS and answers nonsense is told", serving("socks5", (client) => client.end("HTTP/1.1 400 Bad Request\r\n\r\n"), /no connection through the proxy socks5/));
  test("speaks TLS and stays silent is given up in time", serving("https", () => undefined, /no answer in time/));
  test("should speak TLS and does not is told", serving("https", (client) => client.end("HTTP/1.1 400 Bad Request\r\n\r\n"), /no connection through the proxy https/));
});
