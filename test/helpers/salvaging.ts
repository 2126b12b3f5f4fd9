import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import type { DecoderError } from "../../src/core/errors.js";
import type { CodedPictures } from "../../src/core/picture.js";
import { decode, type Decoded, type DecodeOptions } from "../../src/decoder/decoder.js";
import type { Clip } from "./clip.js";
import { decodeOptions, picturesOf, type RecordedFfmpeg } from "./decoding.js";

const run = promisify(execFile);
const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");
/** The pictures of a fragment, of which there are ten. */
export const namesOf = (fragment: number): string[] => Array.from({ length: 10 }, (_, index) => `${fragment}.${index}`);

/** Each picture's name and the MD5 of its pixels. */
type Shown = readonly [name: string, md5: string];

/** What a decoder told. */
export interface Watched {
  readonly options: DecodeOptions<string>;
  /** Pictures and, with a minus before their names, losses, as they were told. */
  readonly told: string[];
  readonly shown: Shown[];
  readonly errors: (DecoderError | undefined)[];
  /** Each failure of the decoder that was told, and how many losses had been told before. */
  readonly failures: [message: string, losses: number][];
  starts: number;
}

/** Options that note all that a decoder tells. */
export function watch(clip: Clip, ffmpeg: RecordedFfmpeg, more: Partial<DecodeOptions<string>> = {}): Watched {
  const watched: Watched = {
    options: {
      ...decodeOptions(clip, ffmpeg),
      stallMs: 1000,
      onLost: (names, error) => {
        watched.told.push(...names.map((name) => `-${name}`));
        watched.errors.push(error);
      },
      onFailed: ({ message }) => watched.failures.push([message, watched.errors.length]),
      onStart: () => (watched.starts += 1),
      ...more,
    },
    told: [],
    shown: [],
    errors: [],
    failures: [],
    starts: 0,
  };
  return watched;
}

export async function collect(input: AsyncIterable<CodedPictures<string>>, watched: Watched, onPicture?: (picture: Decoded<string>) => Promise<void>): Promise<void> {
  for await (const picture of decode(input, watched.options)) {
    watched.told.push(picture.value);
    watched.shown.push([picture.value, md5(picture.data)]);
    await onPicture?.(picture);
  }
}

/** The pictures of the undamaged clip. */
export async function originals(clip: Clip): Promise<Map<string, string>> {
  const running = run("ffmpeg", ["-v", "error", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0", "-fps_mode", "passthrough", "-vf", "scale=64:48,format=gray", "-f", "framemd5", "-"]);
  running.child.stdin?.end(clip.whole);
  const hashes = (await running).stdout.split("\n").filter((line) => /^\d/.test(line)).map((line) => line.split(",").at(-1)?.trim() ?? "");
  return new Map(hashes.map((hash, at) => [`${Math.floor(at / 10)}.${at % 10}`, hash]));
}

/** With a sample's bytes changed, its length kept. */
export function changed<T>(pictures: CodedPictures<T>, position: number, change: (data: Buffer) => Buffer): CodedPictures<T> {
  const [moof, mdat, ...samples] = pictures.bytes as [Buffer, Buffer, ...Buffer[]];
  return { ...pictures, bytes: [moof, mdat, ...samples.map((data, at) => (at === position ? change(Buffer.from(data)) : data))] };
}

/** What ends, or halts, the fake ffmpeg that cannot take it. */
export const poison = (data: Buffer): Buffer => (data.write("POISON", data.length - 6, "latin1"), data);
/** All but the first NAL header is no slice any more. */
export const garbage = (data: Buffer): Buffer => data.fill(0xa5, 5);

/** The clip's fragments with the one of that number changed in that sample. */
export const broken = (clip: Clip, fragment: number, position: number, change: (data: Buffer) => Buffer): CodedPictures<string>[] =>
  [...picturesOf(clip)].map((pictures, number) => (number === fragment ? changed(pictures, position, change) : pictures));
