import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DecoderError, OptionError } from "../../src/core/errors.js";
import type { AnyFfmpeg } from "../../src/decoder/run.js";
import type { DecoderSetup } from "../../src/core/picture.js";
import type { CodedPicture } from "../../src/media/pictures.js";
import { DecoderPool, KvsHlsFrameSource } from "../../src/index.js";
import type { KeyRequest } from "../../src/source/key-decoder.js";
import { clipFrom, makeClip, type Clip } from "../helpers/clip.js";
import { readClip, setupOf } from "../helpers/coded.js";
import { recordedFfmpeg } from "../helpers/decoding.js";
import { withoutVui } from "../helpers/parameter-set.js";
import { originals } from "../helpers/salvaging.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const never = new AbortController().signal;
const md5 = (data: Buffer): string => createHash("md5").update(data).digest("hex");
const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "30", "-pix_fmt", "yuv420p", "-threads", "1"];
const x264 = (params: string): Promise<Clip> => clipFrom([...SOURCE, "-c:v", "libx264", "-x264-params", `keyint=10:min-keyint=10:scenecut=0:bframes=3:b-adapt=0:${params}`]);
const x265 = (params: string): Promise<Clip> => clipFrom([...SOURCE, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `keyint=10:min-keyint=10:open-gop=0:pools=1:log-level=error:bframes=3:b-adapt=0:${params}`]);

const SORTS: Readonly<Record<string, () => Promise<Clip>>> = {
  "H.264": () => makeClip({ frames: 30 }),
  "H.264 with B-frames": () => makeClip({ frames: 30, bFrames: 3 }),
  "H.264 with a pyramid of B-frames": () => x264("b-pyramid=normal"),
  "H.264 with parameter sets in the pictures": () => x264("repeat-headers=1"),
  "H.264 with a rate and its buffer": () => x264("nal-hrd=vbr:vbv-bufsize=100:vbv-maxrate=100"),
  "H.264 that says nothing of reordering": async () => withoutVui(await x264("b-pyramid=none")),
  "H.265": () => makeClip({ frames: 30, codec: "libx265" }),
  "H.265 with B-frames": () => makeClip({ frames: 30, codec: "libx265", bFrames: 3 }),
  "H.265 with parameter sets in the pictures": () => x265("repeat-headers=1"),
  "H.265 in two temporal layers": () => x265("temporal-layers=1"),
};

interface Keys {
  readonly init: DecoderSetup;
  /** The first picture of each fragment. */
  readonly pictures: readonly CodedPicture[];
}

const keysOf = (clip: Clip): Keys => ({ init: setupOf(clip), pictures: readClip(clip).map(([first]) => first!) });

const request = (ffmpeg: AnyFfmpeg, { init, pictures }: Keys, at: number, more: Partial<KeyRequest> = {}): KeyRequest => ({
  ...{ ffmpeg, init, picture: pictures[at]!, output: { pixelFormat: "gray8", width: 64, height: 48 }, stallMs: 20_000, onStart: () => undefined },
  ...more,
});

describe("a key picture alone comes out before the next is given, with the pixels of a decode of all", { concurrency: 2 }, () => {
  for (const [name, make] of Object.entries(SORTS)) {
    test(name, { timeout: 120_000 }, async () => {
      const clip = await make();
      const [keys, pictures] = [keysOf(clip), await originals(clip)];
      await using ffmpeg = await recordedFfmpeg();
      {
        await using decoders = new DecoderPool();
        // Not in order, and one of them twice: each is on its own.
        for (const at of [0, 1, 2, 1, 0]) {
          const data = await decoders.decode(request(ffmpeg.ffmpeg, keys, at), never);
          assert.equal(md5(data), pictures.get(`${at}.0`), `picture of fragment ${at}`);
          decoders.release(data);
        }
        assert.equal((await ffmpeg.pids()).length, 1);
      }
      await ffmpeg.assertGone();
    });
  }
});

describe("a pool of decoders", { concurrency: 2 }, () => {
  test("has one ffmpeg for each configuration, size and format, whoever asks, and none once it is closed", async () => {
    const [one, other] = [keysOf(await makeClip({ frames: 30, bFrames: 2 })), keysOf(await makeClip({ frames: 30, codec: "libx265" }))];
    await using ffmpeg = await recordedFfmpeg();
    {
      await using decoders = new DecoderPool();
      let starts = 0;
      const onStart = (): unknown => (starts += 1);
      const decode = (keys: Keys, at: number, output = {}): Promise<Buffer> => decoders.decode(request(ffmpeg.ffmpeg, keys, at, { onStart: onStart as () => void, output: { pixelFormat: "gray8", width: 64, height: 48, ...output } }), never);
      const same = await Promise.all([0, 1, 2, 0, 1, 2].map((at) => decode(one, at)));
      assert.deepEqual(same.slice(0, 3).map(md5), same.slice(3).map(md5));
      assert.equal(new Set(same.slice(0, 3).map(md5)).size, 3);
      assert.equal(starts, 1);
      await decode({ ...one, init: { ...one.init, bytes: Buffer.from(one.init.bytes) } }, 0);
      assert.equal(starts, 1, "the same bytes of another camera");
      await decode(other, 0);
      assert.equal(starts, 2);
      assert.equal((await decode(one, 0, { width: 32, height: 24 })).length, 32 * 24);
      assert.equal((await decode(one, 0, { pixelFormat: "bgr24" })).length, 64 * 48 * 3);
      assert.equal(starts, 4);
      assert.equal((await ffmpeg.pids()).length, 4);
    }
    await ffmpeg.assertGone();
  });

  test("leaves whoever is told to stop, and goes on for the others", async () => {
    const keys = keysOf(await makeClip({ frames: 30 }));
    await using ffmpeg = await recordedFfmpeg();
    await using decoders = new DecoderPool();
    const controller = new AbortController();
    const stopped = Promise.all([0, 1].map((at) => assert.rejects(decoders.decode(request(ffmpeg.ffmpeg, keys, at), controller.signal), /^Error: enough$/)));
    const going = [0, 1, 2].map((at) => decoders.decode(request(ffmpeg.ffmpeg, keys, at), never));
    controller.abort(new Error("enough"));
    await stopped;
    assert.equal(new Set((await Promise.all(going)).map(md5)).size, 3);
    await assert.rejects(decoders.decode(request(ffmpeg.ffmpeg, keys, 0), controller.signal), /^Error: enough$/);
    assert.equal((await ffmpeg.pids()).length, 1);
  });

  test("costs a picture that cannot be decoded itself, with a reason, and none of those about it", async () => {
    const clip = await makeClip({ frames: 30, size: "320x240" });
    const keys = keysOf(clip);
    const data = Buffer.from(keys.pictures[1]!.data);
    data.fill(0xa5, data.length - 2000);
    const broken: Keys = { ...keys, pictures: [keys.pictures[0]!, { ...keys.pictures[1]!, data }, keys.pictures[2]!] };
    await using ffmpeg = await recordedFfmpeg();
    await using decoders = new DecoderPool();
    const given = await Promise.allSettled([0, 1, 2, 0].map((at) => decoders.decode(request(ffmpeg.ffmpeg, broken, at), never)));
    assert.deepEqual(given.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    assert.ok(given[1]?.status === "rejected" && given[1].reason instanceof DecoderError);
    assert.deepEqual(given.flatMap((each) => (each.status === "fulfilled" ? [md5(each.value)] : [])), await Promise.all([0, 2, 0].map(async (at) => md5(await decoders.decode(request(ffmpeg.ffmpeg, keys, at), never)))));
  });

  for (const mode of ["exits 1 at once", "exits 0 early", "crashes midway"]) {
    test(`rejects with a DecoderError while its ffmpeg ${mode}, gets another for a later picture, and closes`, { timeout: 60_000 }, async () => {
      const keys = keysOf(await makeClip({ frames: 30 }));
      await using ffmpeg = await recordedFfmpeg(mode);
      {
        await using decoders = new DecoderPool();
        for (let picture = 0; picture < 8; picture++) {
          await assert.rejects(decoders.decode(request(ffmpeg.ffmpeg, keys, picture % 3), never), (error) => error instanceof DecoderError && error.code === "FFMPEG_FAILED" && error.retryable);
        }
        assert.ok((await ffmpeg.pids()).length > 3);
      }
      await ffmpeg.assertGone();
    });
  }

  test("goes on with another ffmpeg once that works, after those that gave nothing", { timeout: 60_000 }, async (context) => {
    const keys = keysOf(await makeClip({ frames: 30 }));
    const folder = await temporaryDirectory(context);
    const path = join(folder, "ffmpeg");
    // Each picture is tried twice, and with the third that fails the decoder is given up.
    await writeFile(path, `#!/bin/sh\necho >> ${folder}/starts\n[ $(wc -l < ${folder}/starts) -le 6 ] && exit 1\nexec "\${FFMPEG:-ffmpeg}" "$@"\n`, { mode: 0o755 });
    await using decoders = new DecoderPool();
    const decode = (at: number): Promise<Buffer> => decoders.decode(request({ path, version: "", env: { PATH: process.env["PATH"], FFMPEG: process.env["FFMPEG"] } }, keys, at), never);
    for (const at of [0, 1, 2]) await assert.rejects(decode(at), { name: "DecoderError", code: "FFMPEG_FAILED" });
    await sleep(500);
    assert.equal((await decode(0)).length, 64 * 48);
  });

  test("rejects when its ffmpeg does nothing, in the time that it is given", { timeout: 60_000 }, async () => {
    const keys = keysOf(await makeClip({ frames: 30 }));
    await using ffmpeg = await recordedFfmpeg("hangs and ignores being told to stop");
    {
      await using decoders = new DecoderPool();
      await assert.rejects(decoders.decode(request(ffmpeg.ffmpeg, keys, 0, { stallMs: 300 }), never), { code: "FFMPEG_STALLED" });
    }
    await ffmpeg.assertGone();
  });

  test("rejects what waits when it is closed, and can be used again", async () => {
    const keys = keysOf(await makeClip({ frames: 30 }));
    await using hanging = await recordedFfmpeg("hangs without reading");
    await using ffmpeg = await recordedFfmpeg();
    const decoders = new DecoderPool();
    const waiting = [0, 1].map((at) => assert.rejects(decoders.decode(request(hanging.ffmpeg, keys, at), never), { name: "DecoderError" }));
    setTimeout(() => void decoders[Symbol.asyncDispose](), 500);
    await Promise.all(waiting);
    assert.equal((await decoders.decode(request(ffmpeg.ffmpeg, keys, 0), never)).length, 64 * 48);
    await decoders[Symbol.asyncDispose]();
    await Promise.all([hanging.assertGone(), ffmpeg.assertGone()]);
    await decoders[Symbol.asyncDispose]();
  });

  test("says that an ffmpeg is not there", async () => {
    const keys = keysOf(await makeClip({ frames: 30 }));
    await using decoders = new DecoderPool();
    for (let times = 0; times < 2; times++) await assert.rejects(decoders.decode(request({ path: "/no/such/ffmpeg", version: "", env: {} }, keys, 0), never), { code: "FFMPEG_NOT_FOUND" });
  });

  test("is all that the option takes", () => {
    for (const decoders of [{}, 1, "pool", null, { [Symbol.asyncDispose]: () => Promise.resolve() }]) {
      assert.throws(() => new KvsHlsFrameSource({ streamName: "front", decoders: decoders as never }), (error) => error instanceof OptionError && error.option === "decoders" && /must be a DecoderPool/.test(error.message));
    }
    assert.doesNotThrow(() => new KvsHlsFrameSource({ streamName: "front", decoders: new DecoderPool() }));
  });
});
