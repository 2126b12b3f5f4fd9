import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseCamera, startEmulator, type EmulatorOptions, type JournalEntry } from "../../src/emulator/index.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";

const ENDLESS = Buffer.alloc(64 << 20, 1);
const CAMERA = "door=testsrc,size=960x540,loop=2";

/** Reads so many bytes, no more than it must, and hangs up. */
async function readSome(url: string, bytes: number, headers: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const request = get(url, { agent: false, headers });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let size = 0;
  if (bytes === 0) await sleep(200); // what the system takes ahead
  else for await (const chunk of response as AsyncIterable<Buffer>) if ((size += chunks[chunks.push(chunk) - 1]!.length) >= bytes) break;
  response.on("error", () => undefined).destroy();
  return Buffer.concat(chunks);
}

function emulatorWith(options: Omit<EmulatorOptions, "ffmpeg" | "cameras">) {
  const over: JournalEntry[] = [];
  const emulated = new Emulated({ cameras: [parseCamera(CAMERA)], limits: false, onAnswered: (entry) => over.push(entry), ...options });
  const door = {
    url: "", whole: Buffer.of() as Buffer, emulated,
    last: () => emulated.emulator.journal.at(-1)!,
    settled: async () => {
      const entry = door.last();
      for (let tries = 0; !over.includes(entry) && tries < 200; tries++) await sleep(10);
      assert.ok(over.includes(entry), "the request never ended");
      return entry;
    },
  };
  beforeEach(async () => {
    door.url = (await readPlaylist(await mediaPlaylistUrl(await emulated.open("door")))).fragments[0]!.url;
    door.whole = await getBytes(door.url);
  });
  return door;
}

describe("bytes that left", () => {
  let isEndless = false;
  const door = emulatorWith({ switches: { ranges: "honoured" }, onRequest: () => (isEndless ? { body: ENDLESS } : undefined) });

  test("a client that has read everything finds it in the journal", async () => {
    const { bytes, upTo, isWhole } = door.last();
    assert.deepEqual([bytes, upTo, isWhole], [door.whole.length, door.whole.length, true]);
    assert.ok(door.whole.length > 1e6, `${door.whole.length} bytes`);
  });

  test("a client that hangs up without reading was sent what the system took, not all that was there", async () => {
    isEndless = true;
    await readSome(door.url, 0).finally(() => (isEndless = false));
    const { bytes, upTo, isWhole, status } = await door.settled();
    assert.ok(bytes > 16_000 && bytes < ENDLESS.length, `${bytes} bytes`);
    assert.deepEqual([upTo, isWhole, status], [0, false, 200], "the body was the hook's");
  });

  test("upTo counts from the fragment's start, and its own bytes only", async () => {
    await readSome(door.url, 5000, { range: "bytes=0-4999" });
    assert.deepEqual([(await door.settled()).upTo, door.last().isWhole], [5000, false]);
    await readSome(door.url, 5000, { range: "bytes=5000-9999" });
    assert.deepEqual([(await door.settled()).upTo, door.last().bytes, door.last().range], [0, 5000, [5000, 9999]]);
    door.emulated.emulator.inject({ kind: "corrupt", times: 1 });
    await getBytes(door.url);
    assert.deepEqual([door.last().upTo, door.last().bytes], [0, door.whole.length]);
    door.emulated.emulator.inject({ kind: "reset-body", afterBytes: 70_000, times: 1 });
    await assert.rejects(getBytes(door.url));
    assert.deepEqual([door.last().upTo, door.last().isWhole], [70_000, false]);
    await door.emulated.open("door");
    assert.equal(door.last().upTo, undefined);
  });
});

describe("a link of 40 Mbit/s", () => {
  const bytesPerMs = 5000;
  const door = emulatorWith({ linkMbps: 40 });
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };

  test("a client that hangs up early was sent little more than it read", async () => {
    const read = await readSome(door.url, 80_000);
    const { bytes, upTo, isWhole } = await door.settled();
    assert.deepEqual([upTo, isWhole], [bytes, false]);
    assert.deepEqual(read, door.whole.subarray(0, read.length));
    assert.ok(bytes > read.length - 16_384 && bytes < read.length + 300_000, `${read.length} read, ${bytes} left`);
  });

  test("a body takes its time, and two at once take that of both", async () => {
    const ms = door.whole.length / bytesPerMs;
    const alone = await timed(async () => { assert.deepEqual(await getBytes(door.url), door.whole); });
    assert.ok(alone > ms * 0.85 && alone < ms * 3, `${alone} ms, wanted ${ms}`);
    const both = await timed(() => Promise.all([getBytes(door.url), getBytes(door.url)]));
    assert.ok(both > ms * 1.85, `${both} ms, wanted ${2 * ms}`);
    assert.equal((await door.settled()).isWhole, true);
  });

  test("faults keep their meaning", async () => {
    door.emulated.emulator.inject({ kind: "reset-body", afterBytes: 50_000, times: 1 });
    await assert.rejects(getBytes(door.url));
    assert.equal((await door.settled()).bytes, 50_000);
    door.emulated.emulator.inject({ kind: "stall", afterBytes: 0, for: "300ms", times: 1 });
    assert.ok(await timed(async () => { assert.deepEqual(await getBytes(door.url), door.whole); }) > 290 + (door.whole.length / bytesPerMs) * 0.85);
  });
});

test("a link must have some speed", async () => {
  await assert.rejects(startEmulator({ ffmpeg: FFMPEG, cameras: [parseCamera("door=testsrc,size=64x48,loop=1")], linkMbps: 0 }), /linkMbps must be more than 0, got 0/);
});
