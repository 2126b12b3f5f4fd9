import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SessionReader } from "../../src/hls/reader.js";
import { failsWith, failureOf, openDownloader } from "../helpers/http-reading.js";
import { playScript, type HlsScript, type ScriptedHls } from "../helpers/scripted-hls.js";

const never = new AbortController().signal;

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
