import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OptionError } from "../../src/core/errors.js";
import type { KvsHlsFrameSourceOptions, SnapshotOptions } from "../../src/core/option-types.js";
import { resolveOptions, resolveSnapshotOptions } from "../../src/core/options.js";

const resolve = (options: Record<string, unknown>) => resolveOptions({ streamName: "front", ...options } as KvsHlsFrameSourceOptions);

/** The message names the option, the value seen and the value wanted. */
function refused(options: Record<string, unknown>, option: string, ...words: (string | RegExp)[]): void {
  assert.throws(
    () => resolve(options),
    (error) => {
      assert.ok(error instanceof OptionError, String(error));
      assert.equal(error.option, option, error.message);
      for (const word of [option, ...words]) assert.match(error.message, typeof word === "string" ? new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : word);
      assert.doesNotMatch(error.message, /Invalid type/);
      return true;
    },
    JSON.stringify(options),
  );
}

test("a stream's name is enough, and every default is as documented", () => {
  assert.deepEqual(resolve({}), {
    streamName: "front",
    cameraId: "front",
    clock: "producer",
    pixelFormat: "bgr24",
    sampling: "auto",
    decoder: "ffmpeg",
    delivery: "live",
    parallel: 4,
    maxLag: 30,
    timeout: 15,
    maxStaleness: 30,
    hlsSessionSeconds: 300,
    urlRefreshMargin: 30,
    reconnectDelay: 5,
    maxReconnectDelay: 60,
    backoffMultiplier: 2,
    maxConsecutiveErrors: 10,
    retry: "bounded",
  });
});

test("an option that is undefined counts as not given", () => {
  assert.deepEqual(resolve({ maxLag: undefined, region: undefined, clock: undefined }).maxLag, 30);
});

/** Option, lowest and highest value, the rest that it needs to hold. */
const RANGES: readonly (readonly [string, number, number, Record<string, unknown>?])[] = [
  ["targetFps", 0.0001, 1000],
  ["maxLag", 1, 86_400],
  ["wait", 0, 31_536_000],
  ["timeout", 0.1, 600],
  ["maxStaleness", 0.1, 86_400],
  ["hlsSessionSeconds", 300, 43_200],
  ["urlRefreshMargin", 1, 3600, { hlsSessionSeconds: 43_200 }],
  ["reconnectDelay", 0, 3600, { maxReconnectDelay: 86_400 }],
  ["maxReconnectDelay", 0, 86_400, { reconnectDelay: 0 }],
  ["backoffMultiplier", 1, 100],
  ["maxConsecutiveErrors", 1, 1_000_000],
];

describe("a number", () => {
  for (const [option, min, max, rest = {}] of RANGES) {
    test(`${option} is taken from ${min} to ${max} and refused outside`, () => {
      for (const value of [min, max]) assert.equal((resolve({ ...rest, [option]: value }) as Record<string, unknown>)[option], value);
      for (const value of [min - 0.00001, max + 1, Infinity, -Infinity]) refused({ ...rest, [option]: value }, option, `must be from ${min} to ${max}`, `got ${value}`);
      for (const value of [Number.NaN, "5", null, true]) refused({ ...rest, [option]: value }, option, "must be a number", /got ("5"|NaN|null|true)/);
    });
  }

  test("of errors or of a session's seconds must be whole", () => {
    refused({ maxConsecutiveErrors: 2.5 }, "maxConsecutiveErrors", "whole number", "got 2.5");
    refused({ hlsSessionSeconds: 300.5 }, "hlsSessionSeconds", "whole number", "got 300.5");
  });
});

describe("the stream", () => {
  const streamArn = "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/yard/1234567890123";

  test("may be named by ARN, whose name is the camera's too", () => {
    assert.equal(resolve({ streamName: undefined, streamArn }).cameraId, "yard");
    assert.equal(resolve({ streamName: undefined, streamArn, cameraId: "cam 7" }).cameraId, "cam 7");
  });

  test("must be named, and once only", () => {
    refused({ streamName: undefined }, "streamName", "missing");
    refused({ streamArn }, "streamName", "not both");
  });

  test("has a name or an ARN of the service's form", () => {
    for (const streamName of ["", "a b", "x".repeat(257), "ä", "a/b"]) refused({ streamName }, "streamName", "must be 1 to 256", `got "${streamName}"`);
    for (const arn of ["front", "arn:aws:s3:::bucket", `${streamArn}/x`]) refused({ streamName: undefined, streamArn: arn }, "streamArn", "must look like arn:aws:kinesisvideo", `got "${arn}"`);
  });
});

describe("a text", () => {
  const WRONG: readonly (readonly [string, string, string])[] = [
    ["region", "Europe!", "must be a region such as eu-west-1"],
    ["profile", "", "must not be empty"],
    ["ffmpegPath", "", "must not be empty"],
    ["endpointUrl", "ftp://x", "must be a URL such as"],
    ["endpointUrl", "localhost", "must be a URL such as"],
    ["cameraId", "../etc", "without a slash"],
    ["cameraId", "a\0b", "without a slash"],
    ["clock", "camera", "must be one of producer, server"],
    ["pixelFormat", "bgr", "must be one of bgr24, rgb24, gray8, yuv420p"],
    ["delivery", "fast", "must be one of live, complete"],
    ["decoder", "opencv", "must be one of ffmpeg, node-av"],
  ];
  for (const [option, value, wanted] of WRONG) {
    test(`${option} = ${JSON.stringify(value)} is refused`, () => refused({ [option]: value }, option, wanted, `got "${value}"`));
  }

  for (const option of ["streamName", "region", "profile", "endpointUrl", "cameraId", "ffmpegPath"]) {
    test(`${option} must be a text`, () => refused({ [option]: 5 }, option, "must be a text", "got 5"));
  }
});

describe("other options", () => {
  test("ffmpegPath is of no use without a program", () => {
    refused({ decoder: "node-av", ffmpegPath: "/usr/bin/ffmpeg" }, "ffmpegPath", 'is for decoder "ffmpeg"', 'got it with "node-av"');
    assert.equal(resolve({ decoder: "node-av" }).decoder, "node-av");
    assert.equal(resolve({}).decoder, "ffmpeg");
  });

  test("resize needs one side at least, each from 2 to 16384 whole pixels", () => {
    assert.deepEqual(resolve({ resize: { width: 2 } }).resize, { width: 2 });
    refused({ resize: {} }, "resize", "needs a width or a height");
    refused({ resize: { width: 1 } }, "resize.width", "must be from 2 to 16384", "got 1");
    refused({ resize: { height: 16_385 } }, "resize.height", "must be from 2 to 16384", "got 16385");
    refused({ resize: { height: 2.5 } }, "resize.height", "whole number", "got 2.5");
    refused({ resize: { width: 10, depth: 3 } }, "resize.depth", "unknown option");
    refused({ resize: "640x480" }, "resize", "must be an object with width or height", 'got "640x480"');
  });

  test("signal and onEvent must be what they are called", () => {
    refused({ signal: {} }, "signal", "must be an AbortSignal");
    refused({ onEvent: "log" }, "onEvent", "must be a function", 'got "log"');
    const { signal } = new AbortController();
    assert.equal(resolve({ signal }).signal, signal);
  });

  test("an unknown option is named", () => refused({ targetFPS: 5 }, "targetFPS", "unknown option"));

  test("that contradict each other are refused", () => {
    refused({ urlRefreshMargin: 300 }, "urlRefreshMargin", "less than hlsSessionSeconds (300)", "got 300");
    refused({ maxReconnectDelay: 4 }, "maxReconnectDelay", "at least reconnectDelay (5)", "got 4");
  });

  test("that are no object are refused by name", () => {
    for (const options of [null, undefined, "front"]) assert.throws(() => resolveOptions(options as unknown as KvsHlsFrameSourceOptions), /^OptionError: options must be an object, got/);
  });
});

describe("a snapshot's options", () => {
  const resolveSnapshot = (options: Record<string, unknown>) => resolveSnapshotOptions({ streamName: "front", ...options } as SnapshotOptions);

  test("have defaults of their own few", () => {
    assert.deepEqual(resolveSnapshot({}), { streamName: "front", cameraId: "front", clock: "producer", pixelFormat: "bgr24", timeout: 15, hlsSessionSeconds: 300, urlRefreshMargin: 30, sampling: "exact" });
  });

  const BAD: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ at: Date.UTC(2100) }, "at must not be in the future, got 2100-01-01T00:00:00.000Z"],
    [{ at: "now" }, 'at must be a number of milliseconds, got "now"'],
    [{ at: 0, maxAge: 5 }, "maxAge is for the newest picture: one of a given time is as old as it is"],
    [{ at: 0, fallback: "archive" }, "fallback is for the newest picture: one of a given time comes from the archive anyway"],
    [{ fallback: "live" }, 'fallback must be one of archive, got "live"'],
    [{ maxAge: -1 }, "maxAge must be from 0 to 31536000 seconds, got -1"],
    [{ targetFps: 5 }, "unknown option targetFps"],
    [{ streamName: undefined }, "streamName or streamArn is missing: which stream?"],
  ];
  for (const [options, message] of BAD) test(`${JSON.stringify(options)} is refused`, () => assert.throws(() => resolveSnapshot(options), { name: "OptionError", message }));
});
