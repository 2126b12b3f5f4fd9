import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

const cameras = ["door", "yard", "gate"].map((name) => parseCamera(`${name}=testsrc,size=64x36,loop=2`));
const limited = new Emulated({ cameras, switches: { throttleStatus: 429 } });

/** Makes calls at once; the burst gets through, with what the allowance regains meanwhile, and the others do not. */
async function assertLimited(burst: number, perSecond: number, call: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  const results = await Promise.all(Array.from({ length: burst + 20 }, call));
  const regained = Math.floor(((performance.now() - startedAt) / 1000) * perSecond) + 1;
  const passed = results.filter(Boolean).length;
  assert.ok(passed >= burst && passed < burst + Math.min(20, regained), `${passed} of ${results.length} got through`);
}

/** Whether an API call gets through; any refusal but the limit's is a failure. */
async function isLetThrough(call: Promise<unknown>): Promise<boolean> {
  return call.then(() => true, (error: unknown) => {
    assert.equal((error as Error).name, "ClientLimitExceededException");
    return false;
  });
}

test("sessions: five at once, then one a second, for each stream", async () => {
  await assertLimited(5, 1, () => isLetThrough(limited.open("door")));
  assert.ok(await isLetThrough(limited.open("yard")));
  await sleep(1050);
  assert.ok(await isLetThrough(limited.open("door")));
});

test("other operations: five a second for each stream", async () => {
  const control = limited.control();
  const archived = limited.archived();
  const FragmentSelector = { FragmentSelectorType: "SERVER_TIMESTAMP", TimestampRange: { StartTimestamp: new Date(0), EndTimestamp: new Date() } } as const;
  for (const call of [
    (StreamName: string) => control.describeStream({ StreamName }),
    (StreamName: string) => control.getDataEndpoint({ StreamName, APIName: "LIST_FRAGMENTS" }),
    (StreamName: string) => archived.listFragments({ StreamName, FragmentSelector }),
  ]) {
    await assertLimited(5, 5, () => isLetThrough(call("door")));
    assert.ok(await isLetThrough(call("yard")));
  }
});

test("playlists five and fragments ten a second for each session, refused with the status that is asked for", async () => {
  const [url, other] = [await mediaPlaylistUrl(await limited.open("gate")), await mediaPlaylistUrl(await limited.open("gate"))];
  const [fragment] = (await readPlaylist(url)).fragments;
  const isServed = async (what: string) => {
    const { status } = await fetch(what);
    assert.ok(status === 200 || status === 429, `status ${status}`);
    return status === 200;
  };
  await sleep(250);
  await assertLimited(5, 5, () => isServed(url));
  assert.ok(await isServed(other));
  await assertLimited(10, 10, () => isServed(fragment!.url));
  await sleep(250);
  assert.ok(await isServed(url));
});
