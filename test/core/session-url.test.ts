import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { HLSStreamError, KVSConnectionError } from "../../src/core/errors.js";
import { SessionUrl } from "../../src/core/session-url.js";

const TOKEN = "CiBsecretsecretsecret~";
const url = new SessionUrl(`https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${TOKEN}`);

const caught = (action: () => unknown): Error => {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

test("the token appears in no printed form", () => {
  const nested = { url, list: [url], map: new Map([[url, url]]) };
  const printed = [String(url), `${url}`, url.toString(), JSON.stringify(nested), JSON.stringify({ ...url }), inspect(nested, { depth: 9, showHidden: true }), inspect(url, { customInspect: false, showHidden: true }), url.host, Object.values(url).join()];
  for (const text of printed) assert.ok(!text.includes("secret"), text);
  assert.equal(String(url), "https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com/hls/v1/getHLSMasterPlaylist.m3u8");
});

test("the token is there for who makes the request, byte for byte, and the copy is theirs", () => {
  assert.ok(url.reveal().href.endsWith(`?SessionToken=${TOKEN}`));
  url.reveal().searchParams.delete("SessionToken");
  assert.ok(url.reveal().href.endsWith(`?SessionToken=${TOKEN}`));
});

describe("a reference in a playlist", () => {
  test("resolves against the playlist, and keeps its own query", () => {
    const fragment = url.resolve(`getMP4MediaFragment.mp4?FragmentNumber=91343852333180000000000000000000000000000000101&SessionToken=${TOKEN}&TrackNumber=1`);
    assert.equal(fragment.parameter("FragmentNumber"), "91343852333180000000000000000000000000000000101");
    assert.equal(fragment.parameter("SequenceNumber"), undefined);
    assert.ok(fragment.reveal().href.startsWith("https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com/hls/v1/getMP4MediaFragment.mp4?"));
    assert.equal(url.resolve("./a/../b").reveal().pathname, "/hls/v1/b");
    assert.equal(fragment.resolve("../v1/b").reveal().pathname, "/hls/v1/b");
  });

  test("belongs to the same session as the playlist, and no other does", () => {
    assert.equal(url.resolve("a").resolve("deeper/b").resolve("../c").session, url.session);
    assert.equal(url.resolve("deeper/b").resolve("../c").reveal().pathname, "/hls/v1/c");
    assert.notEqual(new SessionUrl(url.reveal().href).session, url.session);
  });

  const HOST = "b-12345678.kinesisvideo.eu-west-1.amazonaws.com";
  const elsewhere: Readonly<Record<string, readonly string[]>> = {
    "to a file: address": ["file:///etc/passwd"],
    "to a ftp: address": [`ftp://${HOST}/hls/v1/x`],
    "to a data: address": ["data:text/plain,x"],
    "to a blob: address": [`blob:https://${HOST}/hls/v1/x`],
    "to a javascript: address": ["javascript:alert(1)"],
    "to an address with a user name": [`https://user@${HOST}/hls/v1/x`, `//:password@${HOST}/hls/v1/x`],
    "out of /hls/v1/": ["../../admin", "/admin", "../v10/x", "%2e%2e/%2E%2e/admin", "..%2f..%2Fadmin", "..\\..\\admin", "..%5c..%5Cadmin", "%252e%252e%252fadmin", "x%00"],
  };
  for (const [where, references] of Object.entries(elsewhere)) {
    for (const reference of references) {
      test(`that leads ${where} (${reference}) is refused in these words, without a token`, () => {
        const error = caught(() => url.resolve(`${reference}?SessionToken=${TOKEN}`));
        assert.ok(error instanceof HLSStreamError && error.code === "FOREIGN_ORIGIN" && !error.retryable, String(error));
        assert.ok(error.message.includes(`leads ${where}`), error.message);
        assert.ok(!inspect(error).includes("secret"));
      });
    }
  }

  test("to a host or a scheme of thousands of letters is refused in a line that can be read", () => {
    for (const reference of [`https://${"long.".repeat(1000)}example/`, `${"x".repeat(5000)}:y`]) assert.ok(caught(() => url.resolve(reference)).message.length < 300);
  });

  for (const foreign of ["https://evil.example/x", "//evil.example/x", "http://b-12345678.kinesisvideo.eu-west-1.amazonaws.com/x", "https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com:444/x", "https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com@evil.example/x"]) {
    test(`to ${foreign} is refused, without a token in the error`, () => {
      const error = caught(() => url.resolve(`${foreign}?SessionToken=${TOKEN}`));
      assert.ok(error instanceof HLSStreamError && error.code === "FOREIGN_ORIGIN" && !error.retryable, String(error));
      assert.ok(!inspect(error).includes("secret"));
    });
  }

  test("that makes no sense is a malformed playlist, without a token in the error", () => {
    const error = caught(() => url.resolve(`https://[broken?SessionToken=${TOKEN}`));
    assert.ok(error instanceof HLSStreamError && error.code === "MALFORMED_PLAYLIST");
    assert.ok(!inspect(error).includes("secret"));
  });
});

test("what is no URL is refused, without repeating it", () => {
  const error = caught(() => new SessionUrl(`not a url ${TOKEN}`));
  assert.ok(error instanceof KVSConnectionError && error.code === "SERVICE_ERROR" && error.retryable);
  assert.ok(!inspect(error).includes("secret"));
});

for (const [text, says] of [["ftp://host/hls/v1/x", /is a ftp: address, wanted https: or http:/], ["javascript:secret", /is a javascript: address/], ["https://me@host/hls/v1/x", /names a user/]] as const) {
  test(`a session's own URL such as ${text} is refused`, () => {
    const error = caught(() => new SessionUrl(`${text}?SessionToken=${TOKEN}`));
    assert.ok(error instanceof HLSStreamError && error.code === "FOREIGN_ORIGIN" && !error.retryable);
    assert.match(error.message, says);
    assert.ok(!inspect(error).includes("secret"));
  });
}
