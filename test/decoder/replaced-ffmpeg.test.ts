import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CodedPictures } from "../../src/core/picture.js";
import { decode, type Decoded } from "../../src/decoder/decoder.js";
import { makeClip } from "../helpers/clip.js";
import { picturesOf, recordedFfmpeg, waitingAfter, type RecordedFfmpeg } from "../helpers/decoding.js";
import { broken, collect, garbage, originals, poison, watch, type Watched } from "../helpers/salvaging.js";

describe("an ffmpeg that is killed", async () => {
  const clip = await makeClip({ frames: 40, bFrames: 3 });
  const clean = await originals(clip);

  for (const victim of ["0.0", "0.3", "1.2"]) {
    test(`after picture ${victim} costs no picture, and gives none twice`, async () => {
      await using ffmpeg = await recordedFfmpeg();
      const watched = watch(clip, ffmpeg);
      let onKilled: (() => void) | undefined;
      const isKilled = new Promise<void>((resolve) => (onKilled = resolve));
      const pausing = async function* (): AsyncGenerator<CodedPictures<string>> {
        const fragments = [...picturesOf(clip)];
        yield* fragments.slice(0, 2);
        await isKilled;
        yield* fragments.slice(2);
      };
      await collect(pausing(), watched, async ({ value }) => {
        if (value !== victim) return;
        process.kill((await ffmpeg.pids())[0] ?? 0, "SIGKILL");
        onKilled?.();
      });
      assert.deepEqual(watched.told, [...clean.keys()]);
      assert.deepEqual(watched.shown, [...clean]);
      assert.ok(watched.starts > 1);
      assert.deepEqual(watched.failures, [["ffmpeg ended with signal SIGKILL", 0]]);
      await ffmpeg.assertGone();
    });
  }

  test("while nothing comes is replaced when something does", async () => {
    await using ffmpeg = await recordedFfmpeg();
    const watched = watch(clip, ffmpeg);
    const pausing = async function* (): AsyncGenerator<CodedPictures<string>> {
      const [first, ...rest] = [...picturesOf(clip)];
      yield first as CodedPictures<string>;
      await sleep(300);
      process.kill((await ffmpeg.pids())[0] ?? 0, "SIGKILL");
      await sleep(300);
      yield* rest;
    };
    await collect(pausing(), watched);
    assert.deepEqual(watched.shown, [...clean]);
    await ffmpeg.assertGone();
  });
});

describe("salvage", { concurrency: 2 }, async () => {
  const clip = await makeClip({ frames: 40 });

  /** Decodes up to the moment when a broken fragment is asked for anew, which never comes. */
  async function untilAsked(ffmpeg: RecordedFfmpeg): Promise<{ watched: Watched; pictures: AsyncGenerator<Decoded<string>>; pending: Promise<unknown> }> {
    let onAsked: (() => void) | undefined;
    const isAsked = new Promise<void>((resolve) => (onAsked = resolve));
    const watched = watch(clip, ffmpeg, { renew: () => (onAsked?.(), new Promise(() => undefined)) });
    const pictures = decode(waitingAfter(broken(clip, 1, 0, garbage), watched.options.controller.signal), watched.options);
    const pending = (async () => {
      while (!(await pictures.next()).done);
    })();
    pending.catch(() => undefined);
    await isAsked;
    return { watched, pictures, pending };
  }

  test("ends at once with the signal's reason when it is aborted while it fetches", async () => {
    await using ffmpeg = await recordedFfmpeg();
    const { watched, pending } = await untilAsked(ffmpeg);
    const reason = new Error("enough");
    watched.options.controller.abort(reason);
    await assert.rejects(pending, (error) => error === reason);
    await ffmpeg.assertGone();
  });

  test("ends when it is aborted while an ffmpeg hangs", async () => {
    await using ffmpeg = await recordedFfmpeg("hangs on poison");
    const reason = new Error("enough");
    const watched = watch(clip, ffmpeg, { stallMs: 1000 });
    const input = waitingAfter(broken(clip, 1, 0, poison), watched.options.controller.signal);
    const startedAt = performance.now();
    const collecting = collect(input, watched, () => Promise.resolve());
    while ((await ffmpeg.pids().catch(() => [])).length < 2 && performance.now() - startedAt < 10_000) await sleep(20);
    watched.options.controller.abort(reason);
    const abortedAt = performance.now();
    await assert.rejects(collecting, (error) => error === reason);
    assert.ok(performance.now() - abortedAt < 1500);
    await ffmpeg.assertGone();
  });

  test("is left by its consumer: it releases the input and leaves no process", async () => {
    await using ffmpeg = await recordedFfmpeg();
    const watched = watch(clip, ffmpeg);
    let isClosed = false;
    const closing = async function* (): AsyncGenerator<CodedPictures<string>> {
      try {
        yield* waitingAfter(broken(clip, 1, 6, garbage), watched.options.controller.signal);
      } finally {
        isClosed = true;
      }
    };
    for await (const { value } of decode(closing(), watched.options)) if (value === "1.4") break;
    assert.ok(isClosed);
    assert.ok(watched.options.controller.signal.aborted);
    await ffmpeg.assertGone();
  });
});
