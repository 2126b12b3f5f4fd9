import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

const cameras = ["door=testsrc,size=64x48,loop=2,fragment=0.5,latency=100", "yard=testsrc,size=64x48,loop=2"].map(parseCamera);
const emulated = new Emulated({ cameras, limits: false });

const openList = async (stream = "door", size = 5) => mediaPlaylistUrl(await emulated.open(stream, { MaxMediaPlaylistFragmentResults: size }));
const numbers = async (url: string) => (await readPlaylist(url)).fragments.map(({ number }) => number);
const status = async (url: string) => (await fetch(url)).status;

test("frozen: the lists of sessions that are open stay as they were, fragments can be had, and new sessions go on", async () => {
  const list = await openList("door", 10);
  const { until } = emulated.emulator.inject({ kind: "frozen", stream: "door", for: "1.5s" });
  const { text, fragments } = await readPlaylist(list);
  const other = await openList();
  const otherNumbers = await numbers(other);
  await sleep(1200);
  assert.ok((await numbers(other)).at(-1)! > otherNumbers.at(-1)!);
  assert.equal((await readPlaylist(list)).text, text);
  assert.deepEqual([emulated.emulator.journal.at(-1)!.fault, emulated.emulator.journal.at(-1)!.isWhole], ["frozen", false]);
  await getBytes(fragments.at(-1)!.url);
  await sleep(until - Date.now() + 10);
  const after = await numbers(list);
  assert.ok(after.at(-1)! > fragments.at(-1)!.number);
  assert.ok(after.includes(fragments.at(-1)!.number), "what was missed is listed too");
});

test("jump: only the newest fragment is left, in sessions old and new, and stays away what has slid out", async () => {
  const [list, other] = [await openList(), await openList("yard")];
  const before = await readPlaylist(list);
  const { until } = emulated.emulator.inject({ kind: "jump", stream: "door", for: "600ms" });
  const during = await readPlaylist(list);
  assert.equal(during.fragments.length, 1);
  assert.ok(during.mediaSequence >= before.mediaSequence + 4);
  assert.equal((await numbers(await openList())).length, 1);
  assert.equal((await numbers(other)).length, 5);
  await sleep(until - Date.now() + 10);
  const after = await numbers(list);
  assert.ok(after.length <= 3 && after.every((number) => number >= during.fragments[0]!.number), `${after.length} listed`);
});

test("an archive session is neither frozen nor does it jump", async () => {
  const HLSFragmentSelector = { FragmentSelectorType: "SERVER_TIMESTAMP", TimestampRange: { StartTimestamp: new Date(Date.now() - 20_000), EndTimestamp: new Date() } } as const;
  const list = await mediaPlaylistUrl(await emulated.open("door", { PlaybackMode: "ON_DEMAND", HLSFragmentSelector }));
  const { fault } = emulated.emulator.inject({ kind: "jump", for: "200ms" });
  assert.ok((await numbers(list)).length > 30);
  assert.deepEqual([fault.kind, emulated.emulator.journal.at(-1)!.fault], ["jump", undefined]);
});

test("expire: all sessions of the stream end, now; the next one lives", async () => {
  const [list, other] = [await openList(), await openList("yard")];
  const injected = emulated.emulator.inject({ kind: "expire", stream: "door", at: 0.3 });
  assert.deepEqual([await status(list), injected.hits], [200, 0]);
  await sleep(310);
  assert.deepEqual([await status(list), await status(other), injected.hits], [403, 200, 1]);
  assert.deepEqual([await status(await openList()), await status(list)], [200, 403]);
});

test("revoke: ten newer sessions end the older ones, and in turn the oldest of themselves", async () => {
  const list = await openList();
  const before = emulated.emulator.journal.at(-1)!.sessionIndex!;
  emulated.emulator.inject({ kind: "revoke", stream: "door" });
  assert.equal(await status(list), 403);
  const next = await openList();
  assert.equal(await status(next), 200);
  assert.equal(emulated.emulator.journal.at(-1)!.sessionIndex, before + 11);
});
