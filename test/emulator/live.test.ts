import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

const cameras = [
  "fast=testsrc,size=64x36,loop=2,fragment=0.5,latency=100",
  "switch=testsrc,size=64x36,loop=2,fragment=0.5,switch=128x72",
  "gone=testsrc,size=64x36,loop=2",
].map(parseCamera);
const emulated = new Emulated({ cameras, limits: false, switches: { mediaSequenceOrigin: 1, playlistContentType: "application/vnd.apple.mpegurl" } });

beforeEach(() => { emulated.emulator.cameras.forEach((camera) => { camera.setOnline(true); }); });

test("the window slides as fragments are ingested, and counts what has slid out", async () => {
  const url = await mediaPlaylistUrl(await emulated.open("fast", { MaxMediaPlaylistFragmentResults: 3 }));
  const first = await readPlaylist(url);
  assert.ok(first.mediaSequence === 1 || first.mediaSequence === 2, `began at ${first.mediaSequence}`);
  const newest = emulated.camera("fast").truth(first.fragments[2]!.number)!;
  const ageMs = Date.now() - newest.frames.at(-1)!.producerMs;
  assert.ok(ageMs >= 100 && ageMs < 1000, `newest picture is ${ageMs} ms old`);
  await sleep(1100);
  const second = await readPlaylist(url);
  const slid = second.mediaSequence - first.mediaSequence;
  assert.ok(slid === 2 || slid === 3, `slid by ${slid}`);
  assert.deepEqual(second.fragments[0]?.number, first.fragments[slid]?.number ?? second.fragments[0]?.number);
  assert.equal(second.fragments.length, 3);
  assert.ok(BigInt(second.fragments[2]!.number) > BigInt(first.fragments[2]!.number));
  assert.doesNotMatch(second.text, /ENDLIST|PLAYLIST-TYPE|DISCONTINUITY-SEQUENCE/);
});

test("when the camera stops, the playlist stays as it is; what would have come then never exists", async () => {
  const camera = emulated.camera("fast");
  const url = await mediaPlaylistUrl(await emulated.open("fast", { DiscontinuityMode: "ON_DISCONTINUITY", MaxMediaPlaylistFragmentResults: 20 }));
  camera.setOnline(false);
  const stopped = await readPlaylist(url);
  await sleep(1200);
  assert.equal((await readPlaylist(url)).text, stopped.text);
  camera.setOnline(true);
  await sleep(700);
  const { fragments } = await readPlaylist(url);
  const added = fragments.slice(fragments.findIndex(({ number }) => number === stopped.fragments.at(-1)!.number) + 1);
  assert.ok(added.length >= 1);
  const holeMs = added[0]!.startMs - stopped.fragments.at(-1)!.startMs;
  assert.ok(holeMs >= 1400, `hole of ${holeMs} ms`);
  assert.deepEqual(fragments.filter(({ isDiscontinuous }) => isDiscontinuous).map(({ number }) => number), [added[0]!.number]);
});

test("a session opens while the last fragment is at most 30 seconds old", async () => {
  emulated.camera("gone").setOnline(false, Date.now() - 25_000);
  assert.match(await emulated.open("gone"), /SessionToken/);
  emulated.camera("gone").setOnline(true, Date.now() - 25_000);
  emulated.camera("gone").setOnline(false, Date.now() - 33_000);
  await assert.rejects(emulated.open("gone"), /No fragments found in the stream for the streaming request/);
});

test("a new init segment is announced where the picture size changes, with a number of its own", async () => {
  const { text, fragments } = await readPlaylist(await mediaPlaylistUrl(await emulated.open("switch", { MaxMediaPlaylistFragmentResults: 8 })));
  const initIds = fragments.map(({ number }) => emulated.camera("switch").truth(number)!.initId);
  const changes = initIds.filter((id, i) => i === 0 || id !== initIds[i - 1]).length;
  const sequences = [...text.matchAll(/#EXT-X-MAP:.*SequenceNumber=(\d+)"/g)].map((match) => Number(match[1]));
  assert.deepEqual(sequences, Array.from({ length: changes }, (_, i) => i));
  assert.ok(changes >= 4, `${changes} init segments in ${text}`);
  for (const [i, { initUrl }] of fragments.entries()) {
    const init = await getBytes(initUrl);
    assert.equal(init.readUInt16BE(init.indexOf("avc1") + 28), [64, 128][initIds[i]!]);
  }
});

test("DiscontinuityMode and its defaults", async () => {
  const discontinuities = async (input: Parameters<Emulated["open"]>[1]) =>
    (await readPlaylist(await mediaPlaylistUrl(await emulated.open("switch", input)))).fragments.filter(({ isDiscontinuous }) => isDiscontinuous).length;
  const [producer, server] = (["PRODUCER_TIMESTAMP", "SERVER_TIMESTAMP"] as const).map((type) => ({ HLSFragmentSelector: { FragmentSelectorType: type } }));
  assert.equal(await discontinuities({}), 5);
  assert.equal(await discontinuities(server), 5);
  assert.equal(await discontinuities(producer), 0);
  assert.equal(await discontinuities({ ...producer, DiscontinuityMode: "ALWAYS" }), 5);
  assert.equal(await discontinuities({ ...server, DiscontinuityMode: "NEVER" }), 0);
  assert.equal(await discontinuities({ ...producer, DiscontinuityMode: "ON_DISCONTINUITY" }), 0);
});

test("the playlist's form, tag by tag", async () => {
  const master = await emulated.open("fast", { MaxMediaPlaylistFragmentResults: 1 });
  const url = await mediaPlaylistUrl(master);
  assert.equal((await fetch(url)).headers.get("content-type"), "application/vnd.apple.mpegurl");
  const tags = (await readPlaylist(url)).text.split("\n").map((line) => line.replace(/SessionToken=[^&"]+/, "").replace(/\d{47}/, "N"));
  assert.deepEqual(tags.map((tag) => tag.replace(/TIME:.*/, "TIME").replace(/SEQUENCE:.*/, "SEQUENCE")), [
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    "#EXT-X-TARGETDURATION:1",
    "#EXT-X-MEDIA-SEQUENCE",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    "#EXT-X-DISCONTINUITY",
    '#EXT-X-MAP:URI="getMP4InitFragment.mp4?&TrackNumber=1&SequenceNumber=0"',
    "#EXT-X-PROGRAM-DATE-TIME",
    "#EXTINF:0.5,",
    "getMP4MediaFragment.mp4?FragmentNumber=N&&TrackNumber=1",
    "",
  ]);
  const TimestampRange = { StartTimestamp: new Date(Date.now() - 20_000), EndTimestamp: new Date() };
  const HLSFragmentSelector = { FragmentSelectorType: "PRODUCER_TIMESTAMP", TimestampRange } as const;
  const archive = await emulated.open("switch", { PlaybackMode: "ON_DEMAND", HLSFragmentSelector });
  assert.equal((await readPlaylist(await mediaPlaylistUrl(archive))).mediaSequence, 1);
  const hidden = await mediaPlaylistUrl(await emulated.open("fast", { DisplayFragmentTimestamp: "NEVER" }));
  assert.doesNotMatch((await readPlaylist(hidden)).text, /PROGRAM-DATE-TIME/);
});

test("server time runs apart from the producer's, and jitters", async () => {
  const { fragments } = await readPlaylist(await mediaPlaylistUrl(await emulated.open("fast", { MaxMediaPlaylistFragmentResults: 50 })));
  const delays = fragments.map(({ number, startMs }) => {
    const { startMs: truth } = emulated.camera("fast").truth(number)!;
    assert.equal(startMs, truth.server);
    return truth.server - truth.producer;
  });
  assert.ok(Math.min(...delays) >= 100 && Math.max(...delays) <= 140);
  assert.ok(new Set(delays).size > 10);
});
