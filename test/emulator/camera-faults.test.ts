import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { parseCamera, type FragmentTruth } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist, type Playlist } from "../helpers/playlist.js";
import { probeSamples } from "../helpers/samples.js";

const NAMES = ["gone", "back", "ahead", "again", "twice", "changed"];
const SOURCE = "testsrc,size=64x48,loop=2,fragment=0.5,latency=100";
const cameras = [...NAMES.map((name) => `${name}=${SOURCE}`), `skewed=${SOURCE},skew=1000`].map(parseCamera);
const emulated = new Emulated({ cameras, limits: false });

const PRODUCER = "PRODUCER_TIMESTAMP";
const openLive = async (stream: string) => mediaPlaylistUrl(await emulated.open(stream, {
  HLSFragmentSelector: { FragmentSelectorType: PRODUCER }, DiscontinuityMode: "ON_DISCONTINUITY", MaxMediaPlaylistFragmentResults: 12,
}));

async function archive(stream: string, startMs: number, endMs: number): Promise<Playlist> {
  const TimestampRange = { StartTimestamp: new Date(startMs), EndTimestamp: new Date(endMs) };
  return readPlaylist(await mediaPlaylistUrl(await emulated.open(stream, { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { FragmentSelectorType: PRODUCER, TimestampRange } })));
}

/** Number and both times of all fragments that ListFragments has of the last seconds, in order of ingest. */
async function listed(stream: string, seconds: number) {
  const TimestampRange = { StartTimestamp: new Date(Date.now() - seconds * 1000), EndTimestamp: new Date() };
  const { Fragments = [] } = await emulated.archived().listFragments({ StreamName: stream, FragmentSelector: { FragmentSelectorType: "SERVER_TIMESTAMP", TimestampRange } });
  const inOrder = Fragments.map(({ FragmentNumber, ProducerTimestamp, ServerTimestamp }) => ({ number: FragmentNumber!, producer: ProducerTimestamp!.getTime(), server: ServerTimestamp!.getTime() }));
  return inOrder.sort((a, b) => (a.number < b.number ? -1 : 1));
}

const numbersOf = (fragments: readonly { readonly number: string }[]): string[] => fragments.map(({ number }) => number);
const truths = (stream: string, numbers: readonly string[]): FragmentTruth[] => numbers.map((number) => emulated.camera(stream).truth(number)!);

/** The list says what is true of each fragment, and the fragment's own times say so too. */
async function assertTruthful(stream: string, { fragments }: Playlist): Promise<void> {
  for (const { number, startMs, url, initUrl } of fragments) {
    const truth = emulated.camera(stream).truth(number)!;
    assert.equal(startMs, truth.startMs.producer);
    const { timescale, samples } = await probeSamples(await getBytes(initUrl), await getBytes(url));
    assert.ok(Math.abs((samples[0]!.pts * 1000) / timescale - truth.frames[0]!.producerMs) < 0.1);
  }
}

test("offline: nothing is sent for a time that is known ahead", async () => {
  const camera = emulated.camera("gone");
  const { at, until } = emulated.emulator.inject({ kind: "offline", stream: "gone", at: "300ms", for: "1.2s" });
  assert.equal(camera.isOnline, true);
  await sleep(at - Date.now() + 20);
  assert.equal(camera.isOnline, false);
  camera.setOnline(false);
  camera.setOnline(true);
  await sleep(until - Date.now() + 800);
  assert.equal(camera.isOnline, true);
  const fragments = await listed("gone", 5);
  const steps = fragments.slice(1).map(({ producer }, i) => producer - fragments[i]!.producer);
  assert.deepEqual(steps.filter((step) => step !== 500).map((step) => step === 1500 || step === 2000), [true], `${steps.join(" ")}`);
  assert.deepEqual(numbersOf((await archive("gone", at - 3000, until)).fragments), numbersOf(camera.fragments(at - 3000, until, "producer")));
});

for (const [stream, byMs, endMs] of [["back", -3100, -2000], ["ahead", 5000, 6000]] as const) {
  test(`clock-step: the camera's clock jumps by ${byMs} ms, all else goes on`, async () => {
    const list = await openLive(stream);
    const { at } = emulated.emulator.inject({ kind: "clock-step", stream, byMs });
    await sleep(2000);
    const live = await readPlaylist(list);
    await assertTruthful(stream, live);
    assert.equal(live.fragments.filter(({ isDiscontinuous }) => isDiscontinuous).length, 1);
    const fragments = await listed(stream, 6);
    assert.ok(fragments.length >= 10);
    for (const { number, producer, server } of fragments) {
      const skew = server - 120 - producer;
      assert.ok(Math.abs(skew) <= 21 || Math.abs(skew + byMs) <= 21, `${skew}`);
      const isAtTheStep = Math.abs(server - 120 - at) <= 21; // its stamp may be of either side
      if (!isAtTheStep) assert.equal(Math.abs(skew) <= 21, server - 120 < at, "from then on, and not before");
      assert.equal(emulated.camera(stream).truth(number)!.startMs.producer, producer);
    }
    const steps = fragments.slice(1).map(({ server }, i) => server - fragments[i]!.server);
    assert.ok(Math.min(...steps) >= 460 && Math.max(...steps) <= 540, "as real time does");
    const [from, to] = [at - 3000, at + endMs];
    const inRange = numbersOf(fragments.filter(({ producer }) => producer >= from && producer <= to));
    const range = numbersOf(emulated.camera(stream).fragments(from, to, "producer"));
    assert.deepEqual(range.filter((number) => inRange.includes(number)), inRange);
    assert.deepEqual(numbersOf((await archive(stream, from, to)).fragments), range);
  });
}

test("clock-step: steps add up, in order of time and on top of a skew", async () => {
  emulated.emulator.inject({ kind: "clock-step", stream: "skewed", at: "1s", byMs: 2000 });
  emulated.emulator.inject({ kind: "clock-step", stream: "skewed", byMs: 500 });
  await sleep(2200);
  const skews = (await listed("skewed", 4)).map(({ producer, server }) => producer - server + 120);
  const rounded = skews.map((skew) => Math.round(skew / 100) * 100);
  assert.deepEqual([...new Set(rounded)], [1000, 1500, 3500], rounded.join(" "));
});

test("resend: old fragments come again between live ones, under new numbers", async () => {
  const camera = emulated.camera("again");
  const list = await openLive("again");
  const { at } = emulated.emulator.inject({ kind: "resend", stream: "again", ago: "20s", length: "1.5s" });
  await sleep(2400);
  const live = await readPlaylist(list);
  const numbers = numbersOf(live.fragments);
  assert.deepEqual(numbers, [...numbers].sort());
  await assertTruthful("again", live);
  const copies = truths("again", numbers).filter(({ startMs }) => startMs.producer < at - 15_000);
  const originals = camera.fragments(at - 20_000, at - 18_501, "producer").filter(({ number }) => !numbers.includes(number));
  assert.equal(copies.length, 3);
  assert.deepEqual(copies.map(({ frames }) => frames.map(({ counter, producerMs }) => [counter, producerMs])), originals.map(({ frames }) => frames.map(({ counter, producerMs }) => [counter, producerMs])));
  const places = copies.map(({ number }) => numbers.indexOf(number));
  assert.deepEqual(places.map((place) => place - places[0]!), [0, 2, 4], "one after each live fragment");
  const all = await listed("again", 30);
  assert.equal(new Set(numbersOf(all)).size, all.length);
  for (const { number } of copies) assert.ok(numbersOf(all).includes(number));
  const first = await archive("again", at - 20_000, at - 18_501);
  assert.deepEqual(numbersOf(first.fragments), numbersOf(originals), "the archive has the first upload");
});

test("of two stretches sent again at once each fragment has its own number, in order of ingest; the same time is listed once", async () => {
  const list = await openLive("twice");
  const resend = { kind: "resend", stream: "twice", ago: "3s", length: "1s" } as const;
  const { at } = emulated.emulator.inject(resend);
  emulated.emulator.inject(resend);
  const seen: string[] = [];
  while (Date.now() < at + 1800) {
    for (const number of numbersOf((await readPlaylist(list)).fragments)) if (!seen.includes(number)) seen.push(number);
    await sleep(40);
  }
  assert.deepEqual(seen, [...seen].sort());
  const range = emulated.camera("twice").fragments(at - 3000, at - 2001, "producer");
  assert.equal(new Set(numbersOf(range)).size, 6);
  assert.deepEqual(numbersOf((await archive("twice", at - 3000, at - 2001)).fragments), [range[3]!.number, range[5]!.number]);
});

test("init: other bytes under another number, the same pictures", async () => {
  const list = await openLive("changed");
  emulated.emulator.inject({ kind: "init", stream: "changed" });
  await sleep(1500);
  const { text, fragments } = await readPlaylist(list);
  assert.deepEqual([...text.matchAll(/#EXT-X-MAP:.*SequenceNumber=(\d+)"/g)].map((match) => match[1]), ["0", "1"]);
  const [first, last] = [fragments[0]!, fragments.at(-1)!];
  const [before, after] = [await getBytes(first.initUrl), await getBytes(last.initUrl)];
  assert.deepEqual(after.subarray(0, before.length), before);
  assert.equal(after.toString("latin1", before.length + 4, before.length + 8), "free");
  assert.equal(after.length, before.length + after.readUInt32BE(before.length));
  assert.equal((await probeSamples(after, await getBytes(last.url))).samples.length, 15);
  const ids = truths("changed", numbersOf(fragments)).map(({ initId }) => initId);
  assert.deepEqual(ids, fragments.map(({ initUrl }) => (initUrl === first.initUrl ? ids[0] : ids.at(-1))));
  assert.notEqual(ids[0], ids.at(-1));
});
