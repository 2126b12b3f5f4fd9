import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, test } from "node:test";
import type { BeginningOf, FragmentDownload } from "../../src/hls/beginning.js";
import type { Stretch } from "../../src/hls/download.js";
import type { ListedFragment } from "../../src/hls/playlist.js";
import { SessionReader } from "../../src/hls/reader.js";
import { SessionUrl } from "../../src/core/session-url.js";
import { failsWith, openDownloader, TOKEN } from "../helpers/http-reading.js";
import { startServer } from "../helpers/scripted-server.js";

const never = new AbortController().signal;
/** No byte like the one before it. */
const whole = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 0xff));
const urlOf = (origin: string): SessionUrl => new SessionUrl(`${origin}/x?SessionToken=${TOKEN}`);
const RESOURCE = { what: "a fragment", maxBytes: 4 * 2 ** 20, isLong: false };

interface Asked {
  /** Of each request. */
  readonly ranges: (string | undefined)[];
  /** Answers that the client did not wait for the end of. */
  cutOff: number;
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer, times: number) => unknown;

const rangeOf = ({ headers }: IncomingMessage): [from: number, to: number] | undefined => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  return from === undefined ? undefined : [Number(from), Number(to)];
};

/** As a server does that honours ranges. */
const honour: Answer = (request, response, body) => {
  const range = rangeOf(request);
  if (range === undefined) return response.writeHead(200, { "content-length": body.length }).end(body);
  const part = body.subarray(range[0], range[1] + 1);
  if (part.length === 0) return response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
  return response.writeHead(206, { "content-length": part.length, "content-range": `bytes ${range[0]}-${range[0] + part.length - 1}/${body.length}` }).end(part);
};

/** As a server that does not know them, on a link that brings 20 KB at a time. */
const ignore: Answer = (_, response, body) => {
  response.writeHead(200, { "content-length": body.length });
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, (at += 20_000)));
    if (at >= body.length) response.end();
  }, 10);
  response.on("close", () => clearInterval(timer));
};

async function reading(answer: Answer, body: Buffer, use: (get: (beginning?: BeginningOf) => Promise<FragmentDownload>, asked: Asked, origin: string) => Promise<void>): Promise<void> {
  const asked: Asked = { ranges: [], cutOff: 0 };
  await using server = await startServer((request, response) => {
    asked.ranges.push(request.headers.range);
    response.on("close", () => (asked.cutOff += response.writableFinished ? 0 : 1));
    answer(request, response, body, asked.ranges.length);
  });
  using downloader = openDownloader();
  const reader = new SessionReader(downloader);
  const fragment: ListedFragment = { number: "1", startMs: 0, durationMs: 1000, url: urlOf(server.origin), initUrl: urlOf(server.origin) };
  await use((beginning) => reader.fragment(fragment, never, beginning), asked, server.origin);
}

/** Needs so many bytes, which it knows once it has the first 1000. */
const needing = (bytes: number, guess = 4000): BeginningOf => ({ guess, bytesNeeded: (there) => (there.length < 1000 ? 2 * there.length + 1 : bytes) });

describe("the beginning of a fragment, of a server that honours ranges", { concurrency: true }, () => {
  const body = whole(300_000);
  const cases: readonly [string, BeginningOf, ranges: string[], length: number][] = [
    ["is one request where the guess was enough", needing(3000), ["bytes=0-3999"], 4000],
    ["is one where it was just enough", needing(4000), ["bytes=0-3999"], 4000],
    ["goes on where it was not", needing(90_000), ["bytes=0-3999", "bytes=4000-89999"], 90_000],
    ["goes on until it is known how far", needing(90_000, 300), ["bytes=0-299", "bytes=300-600", "bytes=601-1202"], 1203],
    ["is all of it where more is needed than there is", needing(400_000), ["bytes=0-3999", "bytes=4000-299999"], 300_000],
    ["is all of it where the guess is more than there is", needing(10, 1e6), ["bytes=0-999999"], 300_000],
  ];
  for (const [name, beginning, ranges, length] of cases) {
    test(name, () =>
      reading(honour, body, async (get, asked) => {
        const { body: got, total, received } = await get(beginning);
        assert.deepEqual(asked.ranges.slice(0, ranges.length), ranges);
        if (ranges.length < 3) assert.equal(asked.ranges.length, ranges.length);
        else assert.deepEqual(asked.ranges.slice(3), [undefined], "and then asks for all");
        assert.ok(got.equals(body.subarray(0, ranges.length < 3 ? length : body.length)));
        assert.equal(total, body.length);
        assert.equal(received, ranges.length < 3 ? length : length + body.length);
        assert.equal(asked.cutOff, 0, "no connection was lost for it");
      }));
  }

  test("is asked for without a range where all of it is expected to be needed", () =>
    reading(honour, body, async (get, asked) => {
      const { body: got } = await get(needing(290_000, Infinity));
      assert.deepEqual([got.length, asked.ranges], [300_000, [undefined]]);
    }));

  test("is never asked for where all is wanted", () =>
    reading(honour, body, async (get, asked) => {
      const { body: got, received } = await get();
      assert.deepEqual([got.equals(body), received, asked.ranges], [true, body.length, [undefined]]);
    }));
});

describe("of a server that ignores ranges", { concurrency: true }, () => {
  test("it hangs up once enough has come, and has it in one request", () =>
    reading(ignore, whole(1_000_000), async (get, asked) => {
      const { body, total, received } = await get(needing(50_000));
      assert.deepEqual([asked.ranges, total, received], [["bytes=0-3999"], 1_000_000, body.length]);
      assert.ok(body.length >= 50_000 && body.length < 300_000, `${body.length} bytes`);
      assert.ok(body.equals(whole(1_000_000).subarray(0, body.length)));
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(asked.cutOff, 1);
    }));

  test("it reads to the end what little is left, and keeps the connection", () =>
    reading(ignore, whole(60_000), async (get, asked) => {
      const { body } = await get(needing(3000));
      assert.deepEqual([body.length, asked.ranges.length, asked.cutOff], [60_000, 1, 0]);
    }));

  test("it takes all of an answer that does not say how long it is", () =>
    reading((_, response, body) => response.writeHead(200, { "transfer-encoding": "chunked" }).end(body), whole(500_000), async (get, asked) => {
      const { body, total } = await get(needing(3000));
      assert.deepEqual([body.length, total, asked.ranges.length], [500_000, 500_000, 1]);
    }));

  test("a stretch from the middle that comes as the whole begins at its start", () =>
    reading((...of) => (of[3] === 1 ? honour(...of) : ignore(...of)), whole(200_000), async (get, asked) => {
      const { body } = await get(needing(150_000));
      assert.deepEqual(asked.ranges, ["bytes=0-3999", "bytes=4000-149999"]);
      assert.ok(body.length >= 150_000 && body.equals(whole(200_000).subarray(0, body.length)));
    }));
});

describe("of a server that makes nothing of ranges", { concurrency: true }, () => {
  const refusing = (status: number): Answer => (request, response, body, times) => (request.headers.range === undefined ? ignore(request, response, body, times) : response.writeHead(status).end());
  const body = whole(200_000);
  for (const status of [416, 400, 404, 500]) {
    test(`and answers ${status}, it is asked for once more without`, () =>
      reading(refusing(status), body, async (get, asked) => {
        const { body: got, total } = await get(needing(3000));
        assert.deepEqual(asked.ranges, ["bytes=0-3999", undefined]);
        assert.equal(total, body.length);
        assert.ok(got.length >= 3000 && got.length < body.length && got.equals(body.subarray(0, got.length)));
      }));
  }

  test("and means that the session has ended, nothing is asked for again", () =>
    reading(refusing(403), body, async (get, asked) => {
      await failsWith(get(needing(3000)), "SESSION_EXPIRED", true);
      assert.equal(asked.ranges.length, 1);
    }));

  const strange: Readonly<Record<string, string | undefined>> = {
    "another range than asked": "bytes 1000-4999/200000",
    "a range that is none": "bytes */200000",
    "a range of unknown total": "bytes 0-3999/*",
    "more than is allowed": `bytes 0-3999/${60 * 2 ** 20}`,
    "no word of the range": undefined,
  };
  for (const [what, range] of Object.entries(strange)) {
    test(`and answers with ${what}, it is asked for once more without`, () =>
      reading((request, response, bytes, times) => (request.headers.range === undefined ? honour(request, response, bytes, times) : response.writeHead(206, { "content-length": 4000, ...(range !== undefined && { "content-range": range }) }).end(bytes.subarray(0, 4000))), body, async (get, asked) => {
        const { body: got, total } = await get(needing(3000));
        assert.deepEqual([asked.ranges, total], [["bytes=0-3999", undefined], body.length]);
        assert.ok(got.length >= 3000 && got.equals(body.subarray(0, got.length)));
      }));
  }

  test("a part that was not asked for is refused", () =>
    reading((_, response, bytes) => response.writeHead(206, { "content-range": "bytes 0-3999/200000" }).end(bytes.subarray(0, 4000)), body, async (_, asked, origin) => {
      using downloader = openDownloader();
      const stretch: Stretch = { from: 0, to: 4000, bytesNeeded: () => 3000, isAskedFor: true };
      assert.equal((await downloader.get(urlOf(origin), RESOURCE, never, stretch)).body.length, 4000);
      await failsWith(downloader.get(urlOf(origin), RESOURCE, never), "HTTP_STATUS", false);
      await failsWith(downloader.get(urlOf(origin), RESOURCE, never, { ...stretch, isAskedFor: false }), "HTTP_STATUS", false);
      await failsWith(downloader.get(urlOf(origin), { ...RESOURCE, maxBytes: 100_000 }, never, stretch), "HTTP_STATUS", true);
      await failsWith(downloader.get(urlOf(origin), RESOURCE, never, { ...stretch, from: 10 }), "HTTP_STATUS", true);
      assert.equal(asked.ranges.length, 5);
    }));

  test("a part that never grows ends with all of it", () =>
    reading((request, response, bytes, times) => {
      const range = rangeOf(request);
      if (range === undefined) return honour(request, response, bytes, times);
      return response.writeHead(206, { "content-length": 1, "content-range": `bytes ${range[0]}-${range[0]}/${bytes.length}` }).end(bytes.subarray(range[0], range[0] + 1));
    }, body, async (get, asked) => {
      const { body: got } = await get(needing(3000));
      assert.equal(asked.ranges.length, 4);
      assert.ok(got.equals(body));
    }));
});
