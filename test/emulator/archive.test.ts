import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import type { Fragment } from "@aws-sdk/client-kinesis-video-archived-media";
import { parseCamera, type Clock } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist, type Playlist } from "../helpers/playlist.js";
import { probeSamples } from "../helpers/samples.js";

const cameras = ["door=testsrc,size=64x36,loop=2,fragment=0.5,skew=-3000,audio,history=7200", "kept=testsrc,size=64x36,loop=2,history=7200,retention=1"].map(parseCamera);
const emulated = new Emulated({ cameras, limits: false });
const TYPES = { producer: "PRODUCER_TIMESTAMP", server: "SERVER_TIMESTAMP" } as const;

const rangeOf = (clock: Clock, startMs: number, endMs: number) => ({
  FragmentSelectorType: TYPES[clock],
  TimestampRange: { StartTimestamp: new Date(startMs), EndTimestamp: new Date(endMs) },
});

async function archive(clock: Clock, startMs: number, endMs: number, maxResults?: number): Promise<Playlist> {
  const master = await emulated.open("door", {
    PlaybackMode: "ON_DEMAND", HLSFragmentSelector: rangeOf(clock, startMs, endMs), MaxMediaPlaylistFragmentResults: maxResults,
  });
  return readPlaylist(await mediaPlaylistUrl(master));
}

for (const clock of ["producer", "server"] as const) {
  test(`ON_DEMAND lists what starts in the range, both ends included (${clock} time)`, async () => {
    const expected = emulated.camera("door").fragments(Date.now() - 60_000, Date.now() - 40_000, clock);
    const [first, last] = [expected[0]!.startMs[clock], expected.at(-1)!.startMs[clock]];
    const numbers = expected.map(({ number }) => number);
    const listed = async (startMs: number, endMs: number) => (await archive(clock, startMs, endMs)).fragments.map(({ number }) => number);
    assert.ok(numbers.length >= 38);
    assert.deepEqual(await listed(first, last), numbers);
    assert.deepEqual(await listed(first + 1, last), numbers.slice(1));
    assert.deepEqual(await listed(first, last - 1), numbers.slice(0, -1));
  });
}

test("ON_DEMAND keeps the oldest when there are too many, says VOD and ends", async () => {
  const from = Date.now() - 3_600_000;
  const all = emulated.camera("door").fragments(from, from + 60_000, "producer");
  const { text, fragments } = await archive("producer", from, from + 60_000, 7);
  assert.deepEqual(fragments.map(({ number }) => number), all.slice(0, 7).map(({ number }) => number));
  assert.match(text, /^#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n/);
  assert.match(text, /\n#EXT-X-ENDLIST\n$/);
  assert.equal((await archive("producer", from, from + 3_000_000)).fragments.length, 1000);
});

test("retention cuts what is older", async () => {
  const old = rangeOf("producer", Date.now() - 7_000_000, Date.now() - 3_700_000);
  await assert.rejects(emulated.open("kept", { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: old }), /No fragments found/);
  const [oldest] = emulated.camera("kept").fragments(0, Date.now(), "server");
  assert.ok(Math.abs(Date.now() - 3_600_000 - oldest!.startMs.server) < 3000);
});

test("LIVE_REPLAY begins at the start and goes on at the pace of real time, to the end", async () => {
  const start = Date.now() - 30_000;
  const expected = emulated.camera("door").fragments(start, start + 2500, "producer").map(({ number }) => number);
  const master = await emulated.open("door", {
    PlaybackMode: "LIVE_REPLAY", HLSFragmentSelector: rangeOf("producer", start, start + 2500), MaxMediaPlaylistFragmentResults: 2,
  });
  const url = await mediaPlaylistUrl(master);
  assert.deepEqual((await readPlaylist(url)).fragments.map(({ number }) => number), expected.slice(0, 2));
  await sleep(1100);
  const moved = await readPlaylist(url);
  assert.deepEqual(moved.fragments.map(({ number }) => number), expected.slice(2, 4));
  assert.equal(moved.mediaSequence, 2);
  await sleep(1500);
  const ended = await readPlaylist(url);
  assert.deepEqual(ended.fragments.map(({ number }) => number), expected.slice(-2));
  assert.doesNotMatch(ended.text, /ENDLIST/);
});

test("ListFragments names every fragment once, in pages and out of order, with both times", async () => {
  const [startMs, endMs] = [Date.now() - 60_000, Date.now() - 20_000];
  const fragments: Fragment[] = [];
  let NextToken: string | undefined;
  do {
    const page = await emulated.archived().listFragments(
      NextToken === undefined ? { StreamName: "door", MaxResults: 30, FragmentSelector: rangeOf("server", startMs, endMs) } : { StreamName: "door", MaxResults: 30, NextToken },
    );
    assert.ok(page.Fragments!.length > 0 && page.Fragments!.length <= 30);
    fragments.push(...page.Fragments!);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  const expected = emulated.camera("door").fragments(startMs, endMs, "server");
  const inOrder = [...fragments].sort((a, b) => (BigInt(a.FragmentNumber!) < BigInt(b.FragmentNumber!) ? -1 : 1));
  assert.notDeepEqual(fragments, inOrder);
  const steps = fragments.slice(1, 30).map(({ ServerTimestamp }, i) => Math.sign(ServerTimestamp!.getTime() - fragments[i]!.ServerTimestamp!.getTime()));
  assert.ok(steps.includes(1) && steps.includes(-1), "the first page is neither ascending nor descending");
  assert.deepEqual(
    inOrder.map(({ FragmentNumber, ProducerTimestamp, ServerTimestamp }) => [FragmentNumber, ProducerTimestamp!.getTime(), ServerTimestamp!.getTime()]),
    expected.map(({ number, startMs: start }) => [number, start.producer, start.server]),
  );
  for (const { FragmentLengthInMilliseconds, FragmentSizeInBytes } of fragments) {
    assert.equal(FragmentLengthInMilliseconds, 467);
    assert.ok(FragmentSizeInBytes! > 1000);
  }
});

test("sound is track 2, cut where the picture is, as a whole answer of known length", async () => {
  const master = await emulated.open("door");
  const [video, audio] = await Promise.all([1, 2].map(async (track) => readPlaylist(await mediaPlaylistUrl(master, track))));
  assert.deepEqual(audio!.fragments.map(({ number, startMs }) => [number, startMs]), video!.fragments.map(({ number, startMs }) => [number, startMs]));
  const response = await fetch(audio!.fragments[0]!.url);
  const bytes = await response.arrayBuffer();
  assert.equal(response.status, 200);
  assert.equal(Number(response.headers.get("content-length")), bytes.byteLength);
  for (const { initUrl, url, number } of audio!.fragments) {
    const { timescale, samples } = await probeSamples(await getBytes(initUrl), await getBytes(url));
    const { frames, durationMs } = emulated.camera("door").truth(number)!;
    const times = samples.map(({ pts }) => (pts * 1000) / timescale - frames[0]!.serverMs);
    assert.ok(times[0]! > -1 && times[0]! < 45 && times.at(-1)! < durationMs, `sound from ${times[0]} to ${times.at(-1)} of ${durationMs} ms`);
    assert.ok(times.length >= 22);
  }
});
