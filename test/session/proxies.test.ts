import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KVSConnectionError } from "../../src/core/errors.js";
import { Proxies } from "../../src/session/proxies.js";

const PROXY = "http://proxy.example:3128";

describe("proxies:", () => {
  const labels: readonly (readonly [string, string])[] = [
    ["proxy.example:3128", PROXY],
    ["http://proxy.example", "http://proxy.example"],
    ["https://proxy.example:8443/", "https://proxy.example:8443"],
    ["socks5h://user:secret@proxy.example:1080", "socks5h://proxy.example:1080"],
    ["socks4://127.0.0.1", "socks4://127.0.0.1"],
    ["http://[::1]:3128", "http://[::1]:3128"],
    ["user:p%40ss@proxy.example:3128", PROXY],
  ];
  for (const [value, label] of labels) {
    test(`${value.replace("secret", "…")} is ${label}`, () => assert.equal(new Proxies({ HTTPS_PROXY: value }).for("https", "kinesis.example", 443)?.label, label));
  }

  test("user and password are decoded, and are in no label", () => {
    const proxy = new Proxies({ HTTPS_PROXY: "http://us%20er:p%40ss@proxy.example:3128" }).for("https", "kinesis.example", 443);
    assert.deepEqual([proxy?.user, proxy?.password, proxy?.label, proxy?.port], ["us er", "p@ss", PROXY, 3128]);
  });

  test("the variable of the scheme counts first, then ALL_PROXY, and lower case before upper", () => {
    const proxies = new Proxies({ https_proxy: "a.example:1", HTTPS_PROXY: "b.example:1", ALL_PROXY: "socks5://c.example" });
    assert.equal(proxies.for("https", "kinesis.example", 443)?.label, "http://a.example:1");
    assert.equal(proxies.for("http", "kinesis.example", 80)?.label, "socks5://c.example");
    assert.equal(new Proxies({ HTTPS_PROXY: PROXY }).for("http", "kinesis.example", 80), undefined);
  });

  for (const value of ["http://secret@", "ftp://proxy.example:21", "http://user:pass word@:80", "http://proxy.example:99999", "socks6://x", "://secret"]) {
    test(`${value} is refused, by the name of its variable and without its value`, () => {
      const named = (error: unknown): boolean => error instanceof KVSConnectionError && error.code === "INVALID_REQUEST" && error.message.startsWith("ALL_PROXY is not a usable proxy URL; expected a URL such as http://") && !error.message.includes(value);
      assert.throws(() => new Proxies({ ALL_PROXY: value }), named);
    });
  }
});

describe("NO_PROXY", () => {
  const cases: readonly (readonly [string, string, number, boolean])[] = [
    ["*", "kinesis.example", 443, true],
    ["kinesis.example", "kinesis.example", 443, true],
    ["KINESIS.example", "kinesis.EXAMPLE", 443, true],
    ["kinesis.example", "b-1.kinesis.example", 443, true],
    ["kinesis.example", "otherkinesis.example", 443, false],
    [".kinesis.example", "b-1.kinesis.example", 443, true],
    ["*.kinesis.example", "b-1.kinesis.example", 443, true],
    ["kinesis.example:8443", "kinesis.example", 443, false],
    ["kinesis.example:443", "kinesis.example", 443, true],
    ["a.example, kinesis.example", "kinesis.example", 443, true],
    ["a.example kinesis.example", "kinesis.example", 443, true],
    ["127.0.0.1", "127.0.0.1", 80, true],
    ["127.0.0.1:8080", "127.0.0.1", 80, false],
    ["10.0.0.0/8", "10.200.3.4", 80, true],
    ["10.0.0.0/8", "11.0.0.1", 80, false],
    ["10.0.0.0/8", "10.example", 80, false],
    ["fd00::/8", "fd12::1", 80, true],
    ["fd00::/8", "fe80::1", 80, false],
    ["::1", "::1", 80, true],
    ["[::1]", "::1", 80, true],
    ["[::1]:8080", "::1", 8080, true],
    ["169.254.169.254/32", "169.254.169.254", 80, true],
    ["10.0.0.0/99", "10.0.0.0", 80, true],
    ["0.0.1", "127.0.0.1", 80, false],
    ["", "kinesis.example", 443, false],
  ];
  for (const [list, host, port, isExempt] of cases) {
    test(`${JSON.stringify(list)} ${isExempt ? "exempts" : "does not exempt"} ${host}:${port}`, () => {
      assert.equal(new Proxies({ ALL_PROXY: PROXY, NO_PROXY: list }).for("https", host, port) === undefined, isExempt);
    });
  }
});
