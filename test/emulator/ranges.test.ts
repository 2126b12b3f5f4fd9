import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { parseCamera, type JournalEntry, type Ranges } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

interface Answer {
  readonly status: number;
  readonly contentRange: string | null;
  readonly acceptRanges: string | null;
  readonly contentLength: number;
  readonly body: Buffer;
}

async function get(url: string, range?: string): Promise<Answer> {
  const response = await fetch(url, { headers: range === undefined ? {} : { range } });
  const [contentRange = null, acceptRanges = null, length] = ["content-range", "accept-ranges", "content-length"].map((name) => response.headers.get(name));
  return { status: response.status, contentRange, acceptRanges, contentLength: Number(length), body: Buffer.from(await response.arrayBuffer()) };
}

function emulatorWith(ranges?: Ranges) {
  const emulated = new Emulated({ cameras: [parseCamera("door=testsrc,size=64x48,loop=2,fragment=1")], limits: false, ...(ranges && { switches: { ranges } }) });
  const door = { url: "", list: "", initUrl: "", whole: Buffer.alloc(0), emulated, last: (): JournalEntry => emulated.emulator.journal.at(-1)! };
  beforeEach(async () => {
    const list = await mediaPlaylistUrl(await emulated.open("door"));
    const { url, initUrl } = (await readPlaylist(list)).fragments[0]!;
    Object.assign(door, { url, list, initUrl, whole: await getBytes(url) });
  });
  return door;
}

describe("ranges ignored, as by default", () => {
  const door = emulatorWith();

  test("the whole fragment comes, and nothing says that a part could", async () => {
    const { status, contentRange, acceptRanges, body } = await get(door.url, "bytes=10-19");
    assert.deepEqual([status, contentRange, acceptRanges], [200, null, null]);
    assert.deepEqual(body, door.whole);
    const { askedRange, range, isWhole, bytes } = door.last();
    assert.deepEqual([askedRange, range, isWhole, bytes], ["bytes=10-19", undefined, true, door.whole.length]);
  });
});

describe("ranges honoured", () => {
  const door = emulatorWith("honoured");

  for (const [asked, from, end] of [["bytes=0-99", 0, 100], ["bytes=100-100", 100, 101], ["Bytes=700-", 700, Infinity], ["bytes=5-99999999", 5, Infinity]] as const) {
    test(`${asked}: that part`, async () => {
      const { whole } = door;
      const answer = await get(door.url, asked);
      const to = Math.min(end, whole.length) - 1;
      assert.deepEqual([answer.status, answer.contentRange], [206, `bytes ${from}-${to}/${whole.length}`]);
      assert.equal(answer.contentLength, to + 1 - from);
      assert.deepEqual(answer.body, whole.subarray(from, to + 1));
      const { status, range, bytes, isWhole, askedRange } = door.last();
      assert.deepEqual([status, range, bytes, isWhole, askedRange], [206, [from, to], to + 1 - from, false, asked]);
    });
  }

  test("a range that covers everything is whole", async () => {
    const answer = await get(door.url, "bytes=0-");
    assert.equal(answer.status, 206);
    assert.deepEqual(answer.body, door.whole);
    assert.deepEqual([door.last().isWhole, door.last().range], [true, [0, door.whole.length - 1]]);
  });

  test("beyond the end: 416, with the size", async () => {
    const { status, contentRange, body } = await get(door.url, `bytes=${door.whole.length}-`);
    assert.deepEqual([status, contentRange, body.length], [416, `bytes */${door.whole.length}`, 0]);
    assert.deepEqual([door.last().status, door.last().range, door.last().isWhole], [416, undefined, false]);
  });

  for (const asked of [undefined, "bytes=9-3", "bytes=-5", "bytes=0-1,4-5", "bytes=a-b", "lines=1-2"]) {
    test(`${asked ?? "no range"}: the whole fragment, which says that a part could be had`, async () => {
      const { status, acceptRanges, contentRange, body } = await get(door.url, asked);
      assert.deepEqual([status, acceptRanges, contentRange], [200, "bytes", null]);
      assert.deepEqual(body, door.whole);
      assert.equal(door.last().isWhole, true);
    });
  }

  test("no other route knows ranges, and an error is no fragment", async () => {
    for (const url of [door.list, door.initUrl]) {
      const { status, acceptRanges } = await get(url, "bytes=0-9");
      assert.deepEqual([status, acceptRanges], [200, null]);
    }
    door.emulated.emulator.inject({ kind: "status", status: 503, operation: "GetMP4MediaFragment", times: 1 });
    const { status, contentRange } = await get(door.url, "bytes=0-9");
    assert.deepEqual([status, contentRange], [503, null]);
  });

  test("what spoils a fragment spoils all of it, before a range is cut: ranges agree", async () => {
    door.emulated.emulator.inject({ kind: "corrupt", bytes: 300, times: 3 });
    const spoiled = await getBytes(door.url);
    assert.notDeepEqual(spoiled, door.whole);
    const parts = [await get(door.url, "bytes=0-999"), await get(door.url, "bytes=1000-")];
    assert.deepEqual(Buffer.concat(parts.map(({ body }) => body)), spoiled);
    door.emulated.emulator.inject({ kind: "truncate", afterBytes: 500, times: 2 });
    assert.equal((await get(door.url, "bytes=400-")).contentRange, "bytes 400-499/500");
    assert.equal((await get(door.url, "bytes=500-")).status, 416);
    door.emulated.emulator.inject({ kind: "empty", times: 1 });
    assert.deepEqual([(await get(door.url, "bytes=0-")).status, door.last().bytes], [200, 0]);
  });

  test("what slows or ends an answer works on the range", async () => {
    door.emulated.emulator.inject({ kind: "drip", bytesPerSecond: 1000, times: 1 });
    const startedAt = performance.now();
    assert.deepEqual((await get(door.url, "bytes=100-599")).body, door.whole.subarray(100, 600));
    assert.ok(performance.now() - startedAt >= 240 && performance.now() - startedAt < 2000, `done after ${performance.now() - startedAt} ms`);
    door.emulated.emulator.inject({ kind: "reset-body", times: 1 });
    await assert.rejects(get(door.url, "bytes=100-299"), /terminated/);
    assert.deepEqual([door.last().range, door.last().bytes], [[100, 299], 100]);
  });
});
