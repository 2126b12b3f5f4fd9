import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, test } from "node:test";
import { parseCamera, startEmulator, type JournalEntry } from "../../src/emulator/index.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist, type ListedFragment } from "../helpers/playlist.js";
import { probeSamples } from "../helpers/samples.js";

const over: JournalEntry[] = [];
const emulated = new Emulated({
  cameras: ["door=testsrc,size=64x48,loop=2,fragment=1", "yard=testsrc,size=64x48,loop=2,fragment=1"].map(parseCamera),
  limits: false,
  onAnswered: (entry) => over.push(entry),
});

let list: string;
let fragment: ListedFragment;
let whole: Buffer;

beforeEach(async () => {
  list = await mediaPlaylistUrl(await emulated.open("door"));
  [fragment] = (await readPlaylist(list)).fragments as [ListedFragment];
  whole = await getBytes(fragment.url);
});

const last = (): JournalEntry => emulated.emulator.journal.at(-1)!;

/** What the journal says of the last request once nothing more is sent. */
async function settled(): Promise<JournalEntry> {
  const entry = last();
  for (let tries = 0; !over.includes(entry) && tries < 100; tries++) await sleep(10);
  assert.ok(over.includes(entry), "the request never ended");
  return entry;
}

test("a request that nothing hits is whole, and names its fragment", async () => {
  const { fault, isWhole, status, bytes, fragment: number } = await settled();
  assert.deepEqual([fault, isWhole, status, bytes, number], [undefined, true, 200, whole.length, fragment.number]);
});

test("status: an error in the service's own shape, as often as wanted, on the operation that is named", async () => {
  emulated.emulator.inject({ kind: "status", status: 400, operation: "GetHLSStreamingSessionURL", times: 2 });
  const wanted = { name: "ClientLimitExceededException", message: "An emulated fault." };
  await assert.rejects(emulated.open("door"), wanted);
  await getBytes(fragment.url);
  await assert.rejects(emulated.open("yard"), wanted);
  assert.equal(last().fault, "status");
  assert.equal(last().isWhole, false);
  await emulated.open("door");
  assert.equal(last().fault, undefined);
});

for (const [status, error] of [[429, "ClientLimitExceededException"], [500, "InternalFailure"], [503, "ServiceUnavailable"], [404, "ResourceNotFoundException"], [403, "NotAuthorizedException"]] as const) {
  test(`status ${status} on any call`, async () => {
    emulated.emulator.inject({ kind: "status", status, times: 1 });
    const response = await fetch(fragment.url);
    assert.deepEqual([response.status, response.headers.get("x-amzn-errortype")], [status, error]);
    assert.deepEqual(await response.json(), { __type: error, Message: "An emulated fault." });
  });
}

test("reset: no answer at all; reset-body: some bytes of it", async () => {
  emulated.emulator.inject({ kind: "reset", times: 1 });
  await assert.rejects(getBytes(fragment.url), /fetch failed/);
  assert.deepEqual([last().fault, last().status, last().isWhole], ["reset", 0, false]);
  emulated.emulator.inject({ kind: "reset-body", afterBytes: 700, times: 1 });
  const response = await fetch(fragment.url);
  assert.equal(Number(response.headers.get("content-length")), whole.length);
  const received: Uint8Array[] = [];
  await assert.rejects(async () => { for await (const chunk of response.body!) received.push(chunk as Uint8Array); }, /terminated/);
  assert.deepEqual(Buffer.concat(received), whole.subarray(0, 700));
  const { fault, status, bytes, isWhole } = await settled();
  assert.deepEqual([fault, status, bytes, isWhole], ["reset-body", 200, 700, false]);
});

test("stall: silence until the fault ends, or the client hangs up; with afterBytes in the middle", async () => {
  emulated.emulator.inject({ kind: "stall", for: "400ms", times: 1 });
  const startedAt = performance.now();
  assert.deepEqual(await getBytes(fragment.url), whole);
  assert.ok(performance.now() - startedAt >= 390, `answered after ${performance.now() - startedAt} ms`);
  assert.deepEqual([last().fault, last().isWhole], ["stall", true]);

  emulated.emulator.inject({ kind: "stall", times: 1 });
  await assert.rejects(fetch(fragment.url, { signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
  assert.deepEqual([(await settled()).status, last().isWhole], [0, false]);

  emulated.emulator.inject({ kind: "stall", afterBytes: 50, times: 1 });
  const response = await fetch(fragment.url, { signal: AbortSignal.timeout(200) });
  const { value } = await response.body!.getReader().read();
  assert.deepEqual(Buffer.from(value!), whole.subarray(0, 50));
  const { status, bytes, isWhole } = await settled();
  assert.deepEqual([status, bytes, isWhole], [200, 50, false]);
});

test("drip: all of it, slowly", async () => {
  emulated.emulator.inject({ kind: "drip", bytesPerSecond: whole.length, times: 1 });
  const startedAt = performance.now();
  assert.deepEqual(await getBytes(fragment.url), whole);
  assert.ok(performance.now() - startedAt >= 700, `done after ${performance.now() - startedAt} ms`);
  assert.deepEqual([(await settled()).fault, last().isWhole, last().bytes], ["drip", true, whole.length]);
});

test("truncate and empty look whole to HTTP", async () => {
  emulated.emulator.inject({ kind: "truncate", times: 1 });
  assert.deepEqual(await getBytes(fragment.url), whole.subarray(0, Math.floor(whole.length / 2)));
  assert.equal((await settled()).isWhole, false);
  emulated.emulator.inject({ kind: "empty", operation: "GetHLSMediaPlaylist", times: 1 });
  const response = await fetch(list);
  assert.deepEqual([response.status, response.headers.get("content-length"), await response.text()], [200, "0", ""]);
});

test("corrupt: bytes of samples only, the same ones whenever the same fragment is served with the same seed", async () => {
  emulated.emulator.inject({ kind: "corrupt", bytes: 200, seed: 7, times: 2 });
  const [first, second] = [await getBytes(fragment.url), await getBytes(fragment.url)];
  assert.deepEqual(first, second);
  assert.equal(first.length, whole.length);
  const spoiled = [...first.keys()].filter((i) => first[i] !== whole[i]);
  assert.ok(spoiled[0]! >= whole.indexOf("mdat") + 4);
  assert.ok(spoiled.length > 150 && spoiled.at(-1)! - spoiled[0]! < 200, `${spoiled.length} bytes differ`);
  assert.deepEqual([last().fault, last().isWhole], ["corrupt", false]);
  assert.deepEqual(await getBytes(fragment.url), whole);
  emulated.emulator.inject({ kind: "corrupt", bytes: 200, seed: 8, times: 1 });
  assert.notDeepEqual(await getBytes(fragment.url), first);
});

test("non-key: the fragment begins with its second picture", async () => {
  const init = await getBytes(fragment.initUrl);
  const before = await probeSamples(init, whole);
  emulated.emulator.inject({ kind: "non-key", times: 1 });
  const after = await probeSamples(init, await getBytes(fragment.url));
  assert.equal(before.samples[0]!.keyframe, true);
  assert.equal(after.samples.length, 29);
  assert.deepEqual(after.samples, before.samples.slice(1));
});

test("malformed: rubbish in a playlist's place", async () => {
  emulated.emulator.inject({ kind: "malformed", times: 2 });
  assert.equal((await getBytes(list)).toString(), "<html><body>Bad gateway</body></html>\n");
  emulated.emulator.inject({ kind: "malformed", body: "#EXTM3U", operation: "GetHLSMasterPlaylist", times: 1 });
  await assert.rejects(emulated.open("door").then((url) => mediaPlaylistUrl(url)), /no track 1/);
  await getBytes(list);
});

test("a fault keeps to its stream and its time", async () => {
  emulated.emulator.inject({ kind: "reset", stream: "yard", for: "1s" });
  assert.deepEqual(await getBytes(fragment.url), whole);
  await assert.rejects(emulated.open("yard"));
  const { at, until } = emulated.emulator.inject({ kind: "reset", at: "300ms", for: 0.2, stream: "door" });
  assert.equal(until - at, 200);
  assert.deepEqual(await getBytes(fragment.url), whole);
  await sleep(at - Date.now() + 20);
  await assert.rejects(getBytes(fragment.url), /fetch failed/);
  await sleep(until - Date.now() + 1);
  assert.deepEqual(await getBytes(fragment.url), whole);
  assert.equal(emulated.emulator.faults.at(-1)!.hits, 1);
});

test("faults given at the start count from it, and what they hold back does not hold the emulator", async () => {
  const camera = parseCamera("door=testsrc,size=64x48,loop=2");
  const faults = [{ kind: "stall" }, { kind: "drip", at: "1h" }] as const;
  const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [camera], faults });
  assert.ok(Math.abs(emulator.faults[1]!.at - Date.now() - 3_600_000) < 1000);
  const stalled = assert.rejects(fetch(`${emulator.url}/listStreams`, { method: "POST" }), /fetch failed/);
  while (emulator.journal.length === 0) await sleep(5);
  const startedAt = performance.now();
  await emulator.close();
  await stalled;
  assert.ok(performance.now() - startedAt < 500);
});
