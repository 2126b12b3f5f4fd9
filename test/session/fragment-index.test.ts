import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FrameSourceError } from "../../src/core/errors.js";
import type { Clock } from "../../src/core/frame.js";
import { parseCamera } from "../../src/emulator/index.js";
import { FragmentIndex } from "../../src/session/fragment-index.js";
import { openApi } from "../helpers/api.js";
import { Emulated } from "../helpers/emulated.js";
import { startKvs, type KvsAnswer } from "../helpers/scripted-kvs.js";

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,size=64x64,fps=5,history=7200,skew=1500")] });

describe("the index of stored fragments", { concurrency: true }, () => {
  for (const clock of ["producer", "server"] as const satisfies readonly Clock[]) {
    test(`has every fragment of a range on the ${clock} clock once, in order, over several pages`, async () => {
      using api = openApi(emulated.emulator.url, { streamName: "front" });
      const toMs = Date.now() - 60_000;
      const fromMs = toMs - HOUR_MS;
      const counts: number[] = [];
      const listed = await new FragmentIndex(api).list({ clock, fromMs, toMs }, never, (count) => counts.push(count));
      const truth = emulated.camera("front").fragments(fromMs, toMs, clock);
      assert.deepEqual(listed.map(({ number, startMs }) => ({ number, startMs })), truth.map(({ number, startMs }) => ({ number, startMs })));
      assert.ok(counts.length >= 2 && counts.at(-1) === truth.length, counts.join());
      assert.ok(listed.every(({ bytes, lengthMs }, at) => bytes > 0 && Math.abs(lengthMs + 200 - (truth[at]?.durationMs ?? 0)) <= 1));
    });
  }

  test("of a time without media is empty", async () => {
    using api = openApi(emulated.emulator.url, { streamName: "front" });
    assert.deepEqual(await new FragmentIndex(api).list({ clock: "server", fromMs: Date.now() - 5 * HOUR_MS, toMs: Date.now() - 4 * HOUR_MS }, never), []);
  });

  test("of a time without media is empty also where that is refused like a stream that is not there", async () => {
    const refused: KvsAnswer = { error: "ResourceNotFoundException", status: 404, message: "The requested stream is not found or not active." };
    await using server = await startKvs({ list: () => refused });
    using api = openApi(server.origin);
    assert.deepEqual(await new FragmentIndex(api).list({ clock: "server", fromMs: 0, toMs: 1 }, never), []);
  });

  test("of a stream that is not there fails", async () => {
    using api = openApi(emulated.emulator.url, { streamName: "nope" });
    await assert.rejects(new FragmentIndex(api).list({ clock: "server", fromMs: 0, toMs: 1 }, never), (error) => error instanceof FrameSourceError && error.code === "STREAM_NOT_FOUND");
  });

  test("outlives a throttle, and a service that is down for a moment", async () => {
    const answers: KvsAnswer[] = [{ error: "ClientLimitExceededException", status: 400 }, { error: "InternalFailure", status: 500 }];
    await using server = await startKvs({ list: (): KvsAnswer => answers.shift() ?? { fields: { Fragments: [{ FragmentNumber: "1", ProducerTimestamp: 1.5, ServerTimestamp: 2.25 }, { FragmentNumber: "2" }] } } });
    using api = openApi(server.origin);
    const listed = await new FragmentIndex(api).list({ clock: "server", fromMs: 0, toMs: 1 }, never);
    assert.deepEqual(listed, [{ number: "1", bytes: 0, startMs: { producer: 1500, server: 2250 }, lengthMs: 0 }]);
  });
});
