import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertFailure } from "../helpers/failure.js";
import { pullFrom, type HostileRun } from "../helpers/hostile-run.js";
import { endless, type Asked, type Hostility, type Route } from "../helpers/hostile-service.js";
import { mediaList } from "../helpers/playlist-text.js";

const MEBIBYTE = 2 ** 20;
const HLS: Readonly<Record<Exclude<Route, "getDataEndpoint" | "getHLSStreamingSessionURL">, string>> = {
  getHLSMasterPlaylist: "the master playlist",
  getHLSMediaPlaylist: "the playlist",
  getMP4InitFragment: "the init segment",
  getMP4MediaFragment: "a fragment",
};
const HLS_ROUTES = Object.entries(HLS) as [keyof typeof HLS, string][];

function assertFails(run: HostileRun, code: number, says: RegExp): void {
  assertFailure(run, { code, says });
}

describe("an endless body is given up", { concurrency: 2 }, () => {
  for (const [route, what] of HLS_ROUTES) {
    test(`fast, for ${what}: at its limit of bytes`, async (context) => {
      assertFails(await pullFrom(context, { [route]: endless(Buffer.alloc(65_536, "x")) }), 65, new RegExp(`cannot get ${what}: it is larger than \\d+ bytes`));
    });

    test(`dripping, for ${what}: in time`, async (context) => {
      const says = new RegExp(`cannot get ${what} from 127\\.0\\.0\\.1:\\d+: (not whole within|slower than 1024 bytes a second for) 0\\.5 s`);
      assertFails(await pullFrom(context, { [route]: endless(Buffer.from("#"), 50) }, { flags: ["--timeout", "0.5s", "--wait", "60s", "--max-consecutive-errors", "1"] }), 75, says);
    });
  }
});

describe("a body that is not what its headers say", { concurrency: 2 }, () => {
  const bomb = gzipSync(Buffer.alloc(100 * MEBIBYTE));
  for (const [route, what] of HLS_ROUTES) {
    test(`compressed, for ${what}, is not unpacked`, async (context) => {
      const says = new RegExp(`cannot get ${what}: it came compressed`);
      assertFails(await pullFrom(context, { [route]: ({ response }: Asked) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb) }), 75, says);
    });

    test(`announced as a terabyte, for ${what}, is refused at once`, async (context) => {
      const boast = ({ response }: Asked): unknown => response.writeHead(200, { "content-length": String(2 ** 40) }).write("x");
      assertFails(await pullFrom(context, { [route]: boast }), 65, new RegExp(`cannot get ${what}: it announces 1099511627776 bytes, at most \\d+ are taken`));
    });
  }

  test("shorter than announced is a network failure", async (context) => {
    const short = ({ response, right }: Asked): unknown => response.writeHead(200, { "content-length": right.length + 10 }).write(right, () => response.socket?.end());
    assertFails(await pullFrom(context, { getHLSMediaPlaylist: short }), 75, /cannot get the playlist from 127\.0\.0\.1:\d+: aborted/);
  });

  for (const head of ["Content-Length: -1", "Content-Length: 99999999999999999999999999", `X: ${"x".repeat(100_000)}`, "X: x\r\n".repeat(10_000)]) {
    test(`with the header ${head.slice(0, 30).trim()} is a network failure`, async (context) => {
      const odd = ({ request }: Asked): unknown => request.socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
      assertFails(await pullFrom(context, { getHLSMasterPlaylist: odd }), 75, /cannot get the master playlist from 127\.0\.0\.1:\d+: (Parse Error|aborted)/);
    });
  }

  test("of no bytes is what it is: no playlist, no pictures", async (context) => {
    const empty = ({ response }: Asked): unknown => response.writeHead(200, { "content-length": "0" }).end();
    assertFails(await pullFrom(context, { getHLSMasterPlaylist: empty }), 65, /cannot read a playlist: it does not begin with #EXTM3U/);
    assertFails(await pullFrom(context, { getMP4InitFragment: empty }), 65, /cannot read the init segment: it is empty/);
  });
});

describe("a playlist that no camera has", { concurrency: 2 }, () => {
  const playlist = (text: string | ((right: string) => string)): Hostility => ({
    getHLSMediaPlaylist: ({ response, right }: Asked) => response.end(typeof text === "string" ? text : text(right.toString())),
  });
  const cases: readonly (readonly [string, Hostility, RegExp])[] = [
    ["of a hundred thousand fragments", playlist(mediaList(Array.from({ length: 100_000 }, (_, place) => place), { token: "short" }).replaceAll("SessionToken=short&", "")), /larger than 4194304 bytes|it announces \d+ bytes|more than 30000 lines/],
    ["of a million short lines", playlist(`#EXTM3U\n${"x\n".repeat(1_000_000)}`), /cannot read a playlist: it has more than 30000 lines/],
    ["of ten thousand date ranges", playlist((right) => right + '#EXT-X-DATERANGE:ID="a",CLASS="c",START-DATE="2025-03-04T10:00:00Z"\nx\n'.repeat(10_000)), /cannot read a playlist: its tags make no sense/],
    ["with one long line", playlist((right) => `${right}#${"x".repeat(MEBIBYTE)}`), /cannot read a playlist: it has a line of more than 8192 characters/],
    ["of the year 200000", playlist((right) => right.replaceAll("2025-", "+200000-")), /EXT-X-PROGRAM-DATE-TIME, or none from 1970 to 2100/],
    ["with fragments of years", playlist((right) => right.replaceAll("EXTINF:2,", "EXTINF:99999999,")), /no EXTINF, or none from 0 to 3600/],
    ["with fragments of negative length", playlist((right) => right.replaceAll("EXTINF:2,", "EXTINF:-2,")), /no EXTINF, or none from 0 to 3600/],
    ["with a number of a thousand digits", playlist((right) => right.replace(/FragmentNumber=\d+/g, `FragmentNumber=${"9".repeat(1000)}`)), /a fragment's number is none of 1 to 128 digits/],
    ["with a number that is none", playlist((right) => right.replace(/FragmentNumber=\d+/g, "FragmentNumber=__proto__")), /a fragment's number is none of 1 to 128 digits/],
  ];
  for (const [what, hostility, says] of cases) test(`${what} is 65`, async (context) => assertFails(await pullFrom(context, hostility), 65, says));

  test("with one fragment many times gives it once", async (context) => {
    const repeat = playlist((right) => right + right.slice(right.indexOf("#EXT-X-PROGRAM")).repeat(20));
    const { code, stderr, records } = await pullFrom(context, repeat, { flags: ["--max-frames", "40"] });
    assert.equal(code, 0, stderr);
    const names = records.filter(({ type }) => type === "frame").map(({ fragment, index }) => `${fragment} ${index}`);
    assert.deepEqual([names.length, new Set(names).size], [40, 40]);
  });
});
