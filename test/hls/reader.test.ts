import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { describe, test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import { SessionReader } from "../../src/hls/reader.js";
import { SessionUrl } from "../../src/core/session-url.js";
import { failsWith, failureOf, openDownloader, TOKEN } from "../helpers/http-reading.js";
import { master, mediaList } from "../helpers/playlist-text.js";
import { playScript, type HlsScript, type ScriptedHls } from "../helpers/scripted-hls.js";
import { startServer } from "../helpers/scripted-server.js";

const never = new AbortController().signal;
setMaxListeners(0, never);

async function reading(script: Partial<HlsScript>, use: (reader: SessionReader, hls: ScriptedHls) => Promise<void>): Promise<void> {
  await using hls = await playScript({ lists: [[1, 2]], neverEnds: true, ...script });
  using downloader = openDownloader();
  await use(new SessionReader(downloader), hls);
}

describe("a reader", { concurrency: true }, () => {
  test("loads the master playlist once a session", () =>
    reading({}, async (reader, hls) => {
      const session = await hls.sessions.acquire(never);
      for (let load = 0; load < 3; load++) assert.equal((await reader.playlist(session, never)).fragments.length, 2);
      assert.deepEqual([hls.count("HLSMasterPlaylist"), hls.count("HLSMediaPlaylist")], [1, 3]);
      hls.sessions.reportExpired(session);
      await reader.playlist(await hls.sessions.acquire(never), never);
      assert.deepEqual([hls.count("HLSMasterPlaylist"), hls.count("HLSMediaPlaylist")], [2, 4]);
    }));

  test("fetches an init segment once for each of its addresses", () =>
    reading({}, async (reader, hls) => {
      const { fragments } = await reader.playlist(await hls.sessions.acquire(never), never);
      const inits = [];
      for (const fragment of fragments) inits.push(await reader.init(fragment, never));
      assert.equal(inits[0], inits[1]);
      assert.equal(hls.count("MP4InitFragment"), 1);
    }));

  test("fetches an init segment again when it proves broken, and gives it up after four tries", async () => {
    let broken = 2;
    await using hls = await playScript({ lists: [[1, 2]], neverEnds: true });
    using downloader = openDownloader();
    const reader = new SessionReader(downloader, () => {
      if (broken-- > 0) throw new HLSStreamError("broken", { code: "MALFORMED_MEDIA", retryable: true });
    });
    const [fragment = assert.fail()] = (await reader.playlist(await hls.sessions.acquire(never), never)).fragments;
    assert.equal(String(await reader.init(fragment, never)), "init");
    assert.equal(hls.count("MP4InitFragment"), 3);
    broken = Infinity;
    hls.sessions.reportExpired(await hls.sessions.acquire(never));
    const [next = assert.fail()] = (await reader.playlist(await hls.sessions.acquire(never), never)).fragments;
    await failsWith(reader.init(next, never), "MALFORMED_MEDIA", true);
    assert.equal(hls.count("MP4InitFragment"), 7);
  });

  for (const [name, init, isSame] of [["the same Buffer while the bytes are the same", () => "init", true], ["another Buffer when the bytes changed", (token: string) => `init of ${token}`, false]] as const) {
    test(`gives ${name} in the next session`, () =>
      reading({ init }, async (reader, hls) => {
        const inits = [];
        for (let round = 0; round < 2; round++) {
          const session = await hls.sessions.acquire(never);
          const [fragment] = (await reader.playlist(session, never)).fragments;
          inits.push(await reader.init(fragment ?? assert.fail(), never));
          hls.sessions.reportExpired(session);
        }
        assert.equal(hls.count("MP4InitFragment"), 2);
        assert.equal(inits[0] === inits[1], isSame);
      }));
  }

  test("tries again after a failure that may pass", () =>
    reading({ refuse: ({ route, times }) => (route === "HLSMediaPlaylist" && times <= 2 ? 500 : undefined) }, async (reader, hls) => {
      assert.equal((await reader.playlist(await hls.sessions.acquire(never), never)).fragments.length, 2);
      assert.equal(hls.count("HLSMediaPlaylist"), 3);
    }));

  test("loads a playlist that makes no sense again, be it the master or the media playlist", async () => {
    const asked: string[] = [];
    await using server = await startServer((request, response) => {
      const route = /get\w+/.exec(request.url ?? "")?.[0] ?? "";
      asked.push(route);
      const isFirst = asked.filter((other) => other === route).length === 1;
      response.end(isFirst ? "<html>" : route === "getHLSMasterPlaylist" ? master() : mediaList([1, 2]));
    });
    using downloader = openDownloader();
    const session = new SessionUrl(`${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${TOKEN}`);
    assert.equal((await new SessionReader(downloader).playlist(session, never)).fragments.length, 2);
    assert.deepEqual(asked, ["getHLSMasterPlaylist", "getHLSMasterPlaylist", "getHLSMediaPlaylist", "getHLSMediaPlaylist"]);
  });

  test("loads the list of what is stored again when its end is missing, wherever it was cut", async () => {
    const whole = mediaList([1, 2, 3], { isEnded: true });
    const cuts = [whole.indexOf("#EXT-X-ENDLIST"), whole.indexOf("#EXTINF", whole.indexOf("#EXTINF") + 1), "#EXTM3U\n".length];
    const lists = [...cuts.map((bytes) => whole.slice(0, bytes)), whole];
    await using server = await startServer((request, response) => response.end(request.url?.includes("Master") ? master() : lists.shift()));
    using downloader = openDownloader();
    const session = new SessionUrl(`${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${TOKEN}`);
    assert.equal((await new SessionReader(downloader).wholePlaylist(session, never)).fragments.length, 3);
    assert.equal(lists.length, 0);
  });

  test("gives up a playlist that never makes sense after four tries, and one that leads elsewhere at once", async () => {
    let text = "<html>";
    await using server = await startServer((_, response) => response.end(text));
    using downloader = openDownloader();
    const session = new SessionUrl(`${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${TOKEN}`);
    await failsWith(new SessionReader(downloader).playlist(session, never), "MALFORMED_PLAYLIST", true);
    assert.equal(server.asked.length, 4);
    text = master().replace("getHLSMedia", "https://elsewhere.invalid/getHLSMedia");
    await failsWith(new SessionReader(downloader).playlist(session, never), "FOREIGN_ORIGIN", false);
    assert.equal(server.asked.length, 5);
  });

  test("asks no faster than the service allows, tries again included, and counts each session by itself", async () => {
    const arrivals = new Map<string, number[]>();
    await using server = await startServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
      const key = `${pathname.split("/").at(-1)} of ${searchParams.get("SessionToken")}`;
      arrivals.set(key, [...(arrivals.get(key) ?? []), performance.now()]);
      const token = searchParams.get("SessionToken") ?? "";
      if (pathname.includes("Fragment")) response.writeHead(500).end();
      else response.end(pathname.includes("Master") ? master(token) : mediaList([1, 2], { token }));
    });
    using downloader = openDownloader();
    const reader = new SessionReader(downloader);
    const use = async (token: string): Promise<void> => {
      const session = new SessionUrl(`${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${token}`);
      const [fragment = assert.fail()] = (await reader.playlist(session, never)).fragments;
      const playlists = Array.from({ length: 8 }, () => reader.playlist(session, never));
      const fragments = Array.from({ length: 4 }, () => reader.fragment(fragment, never).catch(() => undefined));
      const inits = Array.from({ length: 2 }, () => reader.init(fragment, never).catch(() => undefined));
      await Promise.all([...playlists, ...fragments, ...inits]);
    };
    const startedAt = performance.now();
    await Promise.all([use("s1"), use("s2")]);
    for (const [key, count, limit] of [["getHLSMediaPlaylist.m3u8", 9, 5], ["getMP4MediaFragment.mp4", 16, 10], ["getMP4InitFragment.mp4", 8, 5]] as const) {
      for (const token of ["s1", "s2"]) {
        const times = arrivals.get(`${key} of ${token}`) ?? [];
        assert.equal(times.length, count, key);
        const most = Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
        assert.ok(most <= limit, `${most} of ${key} in a second`);
        assert.ok(times.filter((time) => time < startedAt + 900).length >= Math.min(limit, 4), `${key} were held up below the limit`);
      }
    }
  });

  test("gives up after four tries, with the last failure", () =>
    reading({ refuse: ({ route }) => (route === "MP4MediaFragment" ? 503 : undefined) }, async (reader, hls) => {
      const [fragment] = (await reader.playlist(await hls.sessions.acquire(never), never)).fragments;
      await failsWith(reader.fragment(fragment ?? assert.fail(), never), "HTTP_STATUS", true);
      assert.equal(hls.count("MP4MediaFragment"), 4);
    }));

  test("does not try a refused session again, nor what will not get better", () =>
    reading({ refuse: ({ place }) => (place === 1 ? 403 : place === 2 ? 410 : undefined) }, async (reader, hls) => {
      const { fragments } = await reader.playlist(await hls.sessions.acquire(never), never);
      await failsWith(reader.fragment(fragments[0] ?? assert.fail(), never), "SESSION_EXPIRED", true);
      await failsWith(reader.fragment(fragments[1] ?? assert.fail(), never), "HTTP_STATUS", false);
      assert.deepEqual([hls.count("fragment 1"), hls.count("fragment 2")], [1, 1]);
    }));

  test("stops waiting for its next try as soon as it is told to", () =>
    reading({ refuse: () => 500 }, async (reader, hls) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 100);
      assert.equal(await failureOf(reader.playlist(await hls.sessions.acquire(never), controller.signal)), reason);
    }));
});
