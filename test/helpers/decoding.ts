import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CodedPictures } from "../../src/core/picture.js";
import type { DecodeOptions } from "../../src/decoder/decoder.js";
import { FramePool } from "../../src/decoder/frame-pool.js";
import { loadLibraries } from "../../src/decoder/node-av.js";
import type { AnyFfmpeg } from "../../src/decoder/run.js";
import { Remuxer } from "../../src/media/remux.js";
import type { Clip } from "./clip.js";
import { readClip, setupOf } from "./coded.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/**
 * A clip's fragments as the decoder takes them; every picture is called "fragment.index".
 * @param heldBack see {@link Remuxer.write}
 */
export function* picturesOf(clip: Clip, isWanted: (name: string) => boolean = () => true, heldBack = 0): Generator<CodedPictures<string>> {
  const remuxer = new Remuxer();
  for (const [number, pictures] of readClip(clip).entries()) {
    const names = pictures.map(({ index }, place): [number, string] => [place, `${number}.${index}`]);
    yield remuxer.write(pictures, new Map(names.filter(([, name]) => isWanted(name))), { heldBack });
  }
}

/** The input of a stream that goes on: after these pictures it waits until it is told to stop. */
export async function* waitingAfter<T>(pictures: Iterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  yield* pictures;
  signal.throwIfAborted();
  await new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

export async function* asInput<T>(pictures: Iterable<T>): AsyncGenerator<T> {
  yield* pictures;
}

/** An ffmpeg, real or fake, of which it can be said whether it is still there. */
export interface RecordedFfmpeg extends AsyncDisposable {
  readonly ffmpeg: AnyFfmpeg;
  /** Of its processes, in the order of their start. */
  pids(): Promise<number[]>;
  /** Fails if one of its processes is still there, or none was ever started. */
  assertGone(): Promise<void>;
}

/** @param mode how a fake one is broken; undefined: the real one */
export async function recordedFfmpeg(mode?: string): Promise<RecordedFfmpeg> {
  const folder = await mkdtemp(join(tmpdir(), "ffmpeg-"));
  const pidFile = join(folder, "pid");
  const path = fixture(mode === undefined ? "recorded-ffmpeg.sh" : "fake-ffmpeg.mjs");
  const env = { PATH: process.env["PATH"], FFMPEG: process.env["FFMPEG"], PID_FILE: pidFile, FAKE_FFMPEG: mode, FAKE_PICTURE_BYTES: String(64 * 48) };
  const pids = async (): Promise<number[]> => (await readFile(pidFile, "utf8")).trim().split("\n").map(Number);
  const assertGone = async (): Promise<void> => {
    for (const pid of await pids()) {
      assert.ok(pid > 0);
      assert.throws(() => process.kill(pid, 0), { code: "ESRCH" }, `process ${pid} is still there`);
    }
  };
  return { ffmpeg: { path, version: "", env }, pids, assertGone, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** FFmpeg in this process, in place of a program. */
export const libraries = async (): Promise<RecordedFfmpeg> => ({
  ffmpeg: await loadLibraries(),
  pids: () => Promise.resolve([]),
  assertGone: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

/** What a decoder may decode with. */
export const WAYS: Readonly<Record<string, () => Promise<RecordedFfmpeg>>> = { program: () => recordedFfmpeg(), libraries };

/** Decoding of 64x48 grey pictures. */
export function decodeOptions(clip: Clip, { ffmpeg }: RecordedFfmpeg, lost: string[] = []): DecodeOptions<string> {
  return {
    ffmpeg,
    init: setupOf(clip),
    output: { pixelFormat: "gray8", width: 64, height: 48 },
    pool: new FramePool(),
    stallMs: 5000,
    controller: new AbortController(),
    onLost: (names) => lost.push(...names),
  };
}
