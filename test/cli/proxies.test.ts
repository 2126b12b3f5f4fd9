import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { Command } from "../helpers/command.js";
import { startListener } from "../helpers/proxy-server.js";

const TIMEOUT_S = 2;
/** Three tries, the pauses between them, and the start of a process on a busy machine. */
const LONGEST_MS = 3 * TIMEOUT_S * 1000 + 8000;

interface Case {
  readonly serve?: (client: Socket) => unknown;
  /** The value of HTTPS_PROXY; without it, where the listener is. */
  readonly value?: string;
  readonly code: number;
  readonly says: RegExp;
}

const answering = (status: string, body = ""): Case["serve"] => (client) => client.once("data", () => client.end(`HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n\r\n${body}`));

const CASES: Readonly<Record<string, Case>> = {
  "accepts and stays silent": { serve: () => undefined, code: 75, says: /no connection through the proxy http:\/\/127\.0\.0\.1:\d+: no answer in time/ },
  "hangs up": { serve: (client) => client.destroy(), code: 75, says: /no connection through the proxy/ },
  "hangs up after it was asked": { serve: (client) => client.once("data", () => client.end()), code: 75, says: /no connection through the proxy/ },
  "wants a password": { serve: answering("407 Proxy Authentication Required"), code: 77, says: /the proxy http:\/\/127\.0\.0\.1:\d+ requires a user name and password \(status 407\): put them in its URL/ },
  "forbids it with a page": { serve: answering("403 Forbidden", "<html>no</html>"), code: 77, says: /the proxy .* refused with status 403: ask its administrator, or exempt the service with NO_PROXY/ },
  "cannot reach the service": { serve: answering("502 Bad Gateway"), code: 75, says: /the proxy .* refused with status 502/ },
  "answers nonsense": { serve: (client) => client.end("220 smtp.example ESMTP\r\n"), code: 75, says: /no connection through the proxy/ },
  "connects to nothing that speaks TLS": { serve: (client) => client.once("data", () => client.end("HTTP/1.1 200 OK\r\n\r\nhello")), code: 75, says: /the last try failed: cannot open stream "front": .*; check the network, the region and --endpoint-url/ },
  "connects and stays silent": { serve: (client) => client.once("data", () => client.write("HTTP/1.1 200 OK\r\n\r\n")), code: 75, says: /no picture within 2 s/ },
  "is not there": { value: "127.0.0.1:9", code: 75, says: /no connection through the proxy http:\/\/127\.0\.0\.1:9: connect ECONNREFUSED/ },
  "has a name that nobody knows": { value: "http://proxy.invalid:3128", code: 75, says: /no connection through the proxy http:\/\/proxy\.invalid:3128: getaddrinfo/ },
  "is a SOCKS proxy that is not there": { value: "socks5h://127.0.0.1:9", code: 75, says: /no connection through the proxy socks5h:\/\/127\.0\.0\.1:9: connect ECONNREFUSED/ },
  "is no URL": { value: "socks9://user:secret@x", code: 64, says: /HTTPS_PROXY is not a usable proxy URL; expected a URL such as/ },
};

async function snapshot(context: TestContext, proxy: string): Promise<void> {
  const { code, says } = CASES[context.name] ?? assert.fail();
  const startedAt = performance.now();
  const argv = ["snapshot", "--stream-name", "front", "--endpoint-url", "https://kinesisvideo.example", "--timeout", `${TIMEOUT_S}s`, "--out", "x.jpg"];
  const result = await (await Command.start(context, argv, { env: { HTTPS_PROXY: proxy } })).ended;
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr, says);
  assert.doesNotMatch(result.stderr, /secret|bug|at .*\.js/);
  assert.ok(performance.now() - startedAt < LONGEST_MS, `it took ${Math.round(performance.now() - startedAt)} ms`);
}

describe("a proxy that", { concurrency: 3 }, () => {
  for (const [name, { serve, value }] of Object.entries(CASES)) {
    test(name, async (context) => {
      if (value !== undefined) return snapshot(context, value);
      await using listener = await startListener(serve ?? assert.fail());
      await snapshot(context, `http://${listener.host}`);
    });
  }
});
