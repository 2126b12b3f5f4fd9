import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { HLSStreamError } from "../../src/core/errors.js";
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
    assert.equal(url.resolve("/other").reveal().pathname, "/other");
  });

  for (const foreign of ["https://evil.example/x", "//evil.example/x", "http://b-12345678.kinesisvideo.eu-west-1.amazonaws.com/x", "https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com:444/x", "file:///etc/passwd", "data:text/plain,x"]) {
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
  assert.ok(error instanceof TypeError);
  assert.ok(!inspect(error).includes("secret"));
});
