import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getText, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

const cameras = ["door=testsrc,size=64x36,loop=2", "yard=testsrc,size=64x36,loop=2"].map(parseCamera);
const lasting = new Emulated({ cameras, limits: false });
const brief = new Emulated({ cameras, limits: false, sessionSeconds: 1, switches: { expiryStatus: 401 } });

/** One URL of each of the four routes. */
async function everyRoute(master: string): Promise<string[]> {
  const media = await mediaPlaylistUrl(master);
  const [first] = (await readPlaylist(media)).fragments;
  return [master, media, first!.initUrl, first!.url];
}

const statuses = (urls: readonly string[]) => Promise.all(urls.map(async (url) => (await fetch(url)).status));

test("after its life, a session's every URL is refused, with the status that is asked for", async () => {
  const urls = await everyRoute(await brief.open("door"));
  assert.deepEqual(await statuses(urls), [200, 200, 200, 200]);
  await sleep(1000);
  assert.deepEqual(await statuses(urls), [401, 401, 401, 401]);
});

test("an eleventh session revokes the oldest of its stream, and no other", async () => {
  const [oldest, other] = [await lasting.open("door"), await lasting.open("yard")];
  const urls = await everyRoute(oldest);
  const [second] = await Promise.all(Array.from({ length: 9 }, () => lasting.open("door")));
  assert.deepEqual(await statuses(urls), [200, 200, 200, 200]);
  const eleventh = await lasting.open("door");
  assert.deepEqual(await statuses(urls), [403, 403, 403, 403]);
  assert.deepEqual(await statuses([second!, eleventh, other]), [200, 200, 200]);
});

test("a token that was never given is refused like one that has expired", async () => {
  const response = await fetch(`${lasting.emulator.url}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=CiBnone~`);
  assert.equal(response.status, 403);
  assert.match(await response.text(), /token is expired or not valid/);
  assert.equal((await fetch(`${lasting.emulator.url}/hls/v1/getHLSMasterPlaylist.m3u8`)).status, 403);
});

test("the track must be named and must exist; a fragment must be the stream's", async () => {
  const media = await mediaPlaylistUrl(await lasting.open("yard"));
  const fragment = (await readPlaylist(media)).fragments[0]!.url;
  const without = (url: string, name: string, value?: string) => {
    const changed = new URL(url);
    if (value === undefined) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
    return changed.href;
  };
  assert.deepEqual(await statuses([without(media, "TrackNumber"), without(media, "TrackNumber", "2"), without(fragment, "TrackNumber")]), [400, 400, 400]);
  const number = new URL(fragment).searchParams.get("FragmentNumber")!;
  const later = String(BigInt(number) + 1_000_000n);
  assert.deepEqual(await statuses([without(fragment, "FragmentNumber", later), without(fragment, "FragmentNumber", "7")]), [404, 404]);
});

test("URIs are relative, fragment numbers have 47 digits and are the same in every session", async () => {
  const texts = await Promise.all([0, 1].map(async () => getText(await mediaPlaylistUrl(await lasting.open("yard")))));
  const numbers = texts.map((text) => [...text.matchAll(/^getMP4MediaFragment\.mp4\?FragmentNumber=(9134385233318\d{34})&SessionToken=Ci.{190,}~&TrackNumber=1$/gm)].map((match) => match[1]));
  assert.equal(numbers[0]!.length, 5);
  assert.ok(numbers[1]!.filter((number) => numbers[0]!.includes(number)).length >= 4);
});
