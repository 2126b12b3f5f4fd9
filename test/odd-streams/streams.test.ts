import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decodedMp4 } from "./clips.js";
import { judge, Player } from "./run.js";
import { inOrder, type OddStream } from "./samples.js";
import { TABLE } from "./table.js";

/** A part of the table, by a pattern of its names, for work on it. */
const ONLY = new RegExp(process.env.ODD_ONLY ?? "");
/** Also the sampling modes, the other decoder, and whether ffmpeg makes the same of the same bytes. */
const IS_ALL = process.env.ODD_STREAMS === "all";
const LIVE_MS = 10_000;

/** By default every third one, which takes less than a minute; all of them where they are asked for by name. */
const isChosen = (at: number, isLive = false): boolean => IS_ALL || process.env.ODD_ONLY !== undefined || at % 3 === 0 || isLive;

const entries = TABLE.filter(({ name, isLive }, at) => ONLY.test(name) && isChosen(at, isLive)).map((entry, at) => ({ ...entry, camera: `odd-${at}` }));
const streams = new Map<string, OddStream>();
let player: Player;

before(async () => {
  for (const { name, camera, make } of entries) {
    try {
      streams.set(camera, await make());
    } catch (cause) {
      throw new Error(`cannot make "${name}"`, { cause });
    }
  }
  player = await Player.start(streams);
});
after(() => player[Symbol.asyncDispose]());

describe("odd streams: out of the archive, every picture as ffmpeg decodes it", { concurrency: 2 }, () => {
  for (const { name, camera, ...allowance } of entries) {
    test(name, async () => {
      assert.deepEqual(judge(await player.pull(camera), allowance).faults, []);
    });
  }
});

describe("odd streams: live, every picture as ffmpeg decodes it", { concurrency: 20 }, () => {
  for (const { name, camera } of entries.filter(({ isLive }) => isLive)) {
    test(name, async () => {
      const verdict = await player.follow(camera, LIVE_MS);
      assert.ok(verdict.got.length > 0, "no picture has come");
      assert.deepEqual(judge(verdict).faults, []);
    });
  }
});

const MODES = { "1 fps exact": { targetFps: 1, sampling: "exact" }, "1 fps auto": { targetFps: 1 }, "key frames": { sampling: "keyframe" } } as const;

describe("odd streams: sampled, no picture is wrong", { concurrency: 2, skip: !IS_ALL }, () => {
  for (const { name, camera } of entries) {
    for (const [mode, options] of Object.entries(MODES)) {
      test(`${mode}: ${name}`, async () => {
        const verdict = await player.pull(camera, options);
        assert.deepEqual(judge(verdict, { isSampled: true }).faults, []);
        assert.ok(verdict.got.length > 0 || verdict.gaps.length > 0, "no picture, and nothing tells why");
      });
    }
  }
});

describe("odd streams: by FFmpeg's libraries", { concurrency: 2, skip: !IS_ALL }, () => {
  for (const { name, camera, ...allowance } of entries) {
    test(name, async () => {
      assert.deepEqual(judge(await player.pull(camera, { decoder: "node-av" }), allowance).faults, []);
    });
  }
});

describe("odd streams: ffmpeg makes the same of the same bytes", { concurrency: 2, skip: !IS_ALL }, () => {
  for (const { name, camera } of entries.filter(({ isUnlikeFfmpeg, isByFfmpeg }) => !isUnlikeFfmpeg && !isByFfmpeg)) {
    test(name, async () => {
      const { files, shown } = streams.get(camera)!;
      const reference = await decodedMp4(Buffer.concat(files.map(({ bytes }) => bytes)));
      assert.deepEqual(reference, inOrder(shown).map(({ hash }) => hash));
    });
  }
});
