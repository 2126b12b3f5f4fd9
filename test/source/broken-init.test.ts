import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startEmulator, type FaultInput } from "../../src/emulator/index.js";
import type { SourceEvent } from "../../src/index.js";
import { FFMPEG } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const CAMERA = { name: "front", source: { kind: "testsrc", size: { width: 64, height: 48 }, fps: "10/1", fragmentSeconds: 0.5, loopSeconds: 2 } } as const;

/** Reads twenty frames, or fails; what happened, and how often the init segment was fetched. */
async function reading(fault: FaultInput, options: { maxConsecutiveErrors?: number } = {}) {
  const events: SourceEvent[] = [];
  const emulator = await startEmulator({ ffmpeg: FFMPEG, limits: false, cameras: [CAMERA], faults: [fault] });
  try {
    await using source = openSource(emulator.url, { streamName: "front", reconnectDelay: 0.1, maxReconnectDelay: 0.1, ...options, onEvent: (event) => events.push(event) });
    const frames = async (): Promise<void> => {
      for (let taken = 0; taken < 20; taken++) assert.ok(await source.readFrame());
    };
    const error = await frames().then(() => undefined, (reason: unknown) => reason);
    const count = (type: SourceEvent["type"]): number => events.filter((event) => event.type === type).length;
    const fetched = emulator.journal.filter(({ path }) => path.endsWith("getMP4InitFragment.mp4")).length;
    return { error, fetched, reconnects: count("reconnect"), gaps: count("gap"), decoders: count("decoder") };
  } finally {
    await emulator.close();
  }
}

describe("an init segment that is cut on its way", { concurrency: 2 }, () => {
  for (const times of [1, 2]) {
    test(`${times === 1 ? "once" : "twice"} is fetched again, and costs nothing`, async () => {
      assert.deepEqual(await reading({ kind: "truncate", operation: "GetMP4InitFragment", times }), { error: undefined, fetched: times + 1, reconnects: 0, gaps: 0, decoders: 1 });
    });
  }

  test("of which nothing comes is fetched again, too", async () => {
    assert.deepEqual(await reading({ kind: "empty", operation: "GetMP4InitFragment", times: 1 }), { error: undefined, fetched: 2, reconnects: 0, gaps: 0, decoders: 1 });
  });

  test("three times is fetched again, too", async () => {
    assert.deepEqual(await reading({ kind: "truncate", operation: "GetMP4InitFragment", times: 3 }), { error: undefined, fetched: 4, reconnects: 0, gaps: 0, decoders: 1 });
  });

  test("always is given up, by what it is", async () => {
    const { error, reconnects } = await reading({ kind: "truncate", operation: "GetMP4InitFragment" }, { maxConsecutiveErrors: 2 });
    assert.match(String(error), /^HLSStreamError: cannot read the init segment: a box of \d+ bytes at \d+ does not fit/);
    assert.equal(reconnects, 1);
  });
});
