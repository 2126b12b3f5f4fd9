import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { parseCamera, type RequestFacts, type ResponseOverride } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

let override: (request: RequestFacts) => ResponseOverride | undefined = () => undefined;
const seen: RequestFacts[] = [];
const emulated = new Emulated({
  cameras: [parseCamera("door=testsrc,size=64x36,loop=2")],
  limits: false,
  onRequest: (request) => {
    seen.push(request);
    return override(request);
  },
});

beforeEach(() => {
  override = () => undefined;
  seen.length = 0;
});

const spoil = (operation: string, how: ResponseOverride) => {
  override = (request) => (request.operation === operation ? how : undefined);
};

test("the hook and the journal see every request with its stream and session, but no token", async () => {
  const { journal } = emulated.emulator;
  const from = journal.length;
  const master = await emulated.open("door");
  const [first] = (await readPlaylist(await mediaPlaylistUrl(master))).fragments;
  const bytes = await getBytes(first!.url);
  await fetch(`${emulated.emulator.url}/nowhere`);
  const operations = ["GetHLSStreamingSessionURL", "GetHLSMasterPlaylist", "GetHLSMediaPlaylist", "GetMP4MediaFragment", undefined];
  assert.deepEqual(seen.map(({ operation }) => operation), operations);
  const entries = journal.slice(from);
  assert.deepEqual(entries.map(({ operation }) => operation), operations);
  assert.deepEqual(entries.map(({ streamName }) => streamName), ["door", "door", "door", "door", undefined]);
  assert.deepEqual(entries.map(({ sessionIndex }) => sessionIndex), [undefined, 0, 0, 0, undefined]);
  assert.deepEqual(entries.map(({ status }) => status), [200, 200, 200, 200, 200]);
  assert.equal(entries[3]!.bytes, bytes.length);
  assert.equal(seen[3]!.query.get("FragmentNumber"), first!.number);
  const token = new URL(master).searchParams.get("SessionToken")!;
  const told = JSON.stringify([entries, seen.map((request) => ({ ...request, query: [...request.query] }))]);
  assert.ok(!told.includes(token.slice(10, 60)));
});

test("another status, headers and body, without the service having been asked", async () => {
  spoil("GetHLSStreamingSessionURL", { status: 503, headers: { "x-amzn-ErrorType": "ServiceUnavailable", "retry-after": "1" }, body: '{"Message":"later"}' });
  await assert.rejects(emulated.open("door"), { name: "ServiceUnavailable", message: "later" });
  override = () => undefined;
  const before = emulated.emulator.journal.length;
  await getBytes(await emulated.open("door"));
  assert.equal(emulated.emulator.journal[before + 1]!.sessionIndex, 1, "the refused session was never opened");
});

test("a late, a broken, a cut and a corrupt answer", async () => {
  const url = await mediaPlaylistUrl(await emulated.open("door"));
  const [first] = (await readPlaylist(url)).fragments;
  const whole = await getBytes(first!.url);

  spoil("GetMP4MediaFragment", { delayMs: 300 });
  const startedAt = performance.now();
  assert.deepEqual(await getBytes(first!.url), whole);
  assert.ok(performance.now() - startedAt >= 299);

  spoil("GetMP4MediaFragment", { destroy: true });
  await assert.rejects(getBytes(first!.url), /fetch failed/);
  assert.deepEqual(emulated.emulator.journal.at(-1)!.status, 0);

  override = () => { throw new RangeError("mistake in the hook"); };
  await assert.rejects(getBytes(first!.url), /answered 500: emulator: RangeError: mistake in the hook/);

  spoil("GetMP4MediaFragment", { truncateAt: 1000 });
  const response = await fetch(first!.url);
  assert.equal(Number(response.headers.get("content-length")), whole.length);
  const received: Uint8Array[] = [];
  await assert.rejects(async () => { for await (const chunk of response.body!) received.push(chunk as Uint8Array); });
  assert.deepEqual(Buffer.concat(received), whole.subarray(0, 1000));
  assert.equal(emulated.emulator.journal.at(-1)!.bytes, 1000);

  spoil("GetMP4MediaFragment", { body: (body) => Buffer.from(body.map((byte, i) => (i > 900 ? byte ^ 0xff : byte))) });
  const corrupt = await getBytes(first!.url);
  assert.deepEqual(corrupt.subarray(0, 901), whole.subarray(0, 901));
  assert.notDeepEqual(corrupt, whole);
});
