import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { after } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMedia, type Media } from "../../src/emulator/index.js";
import { box, fragment, fullBox, PER_SAMPLE, u32 } from "./mp4.js";

/** One file of a camera's folder. */
export interface SavedFile {
  readonly name: string;
  readonly bytes: Buffer | string;
}

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** Writes a camera's files to a folder that goes when the tests of the test file are over. */
export async function writeFolder(segments: readonly SavedFile[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folder-camera-"));
  folders.push(folder);
  for (const { name, bytes } of segments) await writeFile(join(folder, name), bytes);
  return folder;
}

/** An init segment of little more than a track and its timescale. */
export function initOf(timescale: number): Buffer {
  const tkhd = fullBox("tkhd", 0, 0, u32(0, 0, 1));
  const mdhd = fullBox("mdhd", 0, 0, u32(0, 0, timescale));
  const hdlr = fullBox("hdlr", 0, 0, u32(0), Buffer.from("vide"));
  return box("moov", box("trak", tkhd, box("mdia", mdhd, hdlr)));
}

/** A fragment of one sample. */
export const oneSample = (duration: number, decodeTime = 0): Buffer =>
  fragment({
    runs: [{ count: 1, flags: PER_SAMPLE.duration, fields: [duration] }],
    decodeTime: BigInt(decodeTime),
  });

/** A file that is nothing but its name. */
export const called = (name: string): SavedFile => ({ name, bytes: name });

/** Reads files as the emulator would, without an ffmpeg. */
export const readFiles = async (files: readonly SavedFile[]): Promise<Media> =>
  encodeMedia({ path: "/never/run" }, { kind: "folder", path: await writeFolder(files) });

/** How long each fragment lasts, and how long until the next, milliseconds. */
export const pacesOf = ({ clip: { fragments, duration } }: Media): number[][] =>
  fragments.map(({ start, end }, i) => [
    end - start,
    (fragments[i + 1]?.start ?? duration) - start,
  ]);
