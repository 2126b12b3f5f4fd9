import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { FFMPEG } from "../helpers/emulated.js";
import { annexB, isSet, splitAnnexB, typeOf, type Codec } from "./nal.js";

/** A coded picture of a clip. */
export interface Coded {
  /** Its NAL units without parameter sets. */
  readonly units: readonly Buffer[];
  /** Place in output order, from 0. */
  readonly rank: number;
  /** The encoder calls it a key frame. */
  readonly sync: boolean;
}

/** What an encoder made of a test picture. */
export interface Clip {
  readonly codec: Codec;
  readonly sets: readonly Buffer[];
  /** In decoding order. */
  readonly coded: readonly Coded[];
  /** Checksums of the decoded pictures, in output order. */
  readonly hashes: readonly string[];
}

const H265 = "log-level=none:info=0:pools=none:frame-threads=1";

/** Encoder and its parameters, of the clips by name. Ten pictures a second, a key frame each second. */
const RECIPES = {
  plain: ["libx264", "bframes=0"],
  bframes: ["libx264", "bframes=2:b-pyramid=none:b-adapt=0"],
  pyramid: ["libx264", "bframes=3:b-pyramid=normal:b-adapt=0"],
  hevc: ["libx265", `${H265}:bframes=0:open-gop=0`],
  hevcPyramid: ["libx265", `${H265}:bframes=3:b-adapt=0:open-gop=0`],
  open: ["libx264", "bframes=3:b-pyramid=normal:b-adapt=0:open-gop=1"],
  hevcOpen: ["libx265", `${H265}:bframes=3:b-adapt=0:open-gop=1`],
  refresh: ["libx264", "bframes=0:intra-refresh=1"],
  slices: ["libx264", "bframes=0:slices=4"],
  tiny: ["libx264", "bframes=0:slice-max-size=200", "64x48", "32"],
  upright: ["libx264", "bframes=0", "90x160"],
  hevcUpright: ["libx265", `${H265}:bframes=0:open-gop=0`, "90x160"],
  larger: ["libx264", "bframes=2:b-adapt=0:b-pyramid=none", "320x180"],
  cavlc: ["libx264", "bframes=0:cabac=0"],
  interlaced: ["libx264", "bframes=0:tff=1", "160x96"],
} as const satisfies Record<string, readonly string[]>;

export type ClipName = keyof typeof RECIPES;

const known = new Map<ClipName, Promise<Clip>>();

/** Returns a clip of four seconds, which is encoded once. */
export function clip(name: ClipName): Promise<Clip> {
  let made = known.get(name);
  if (made === undefined) {
    made = encode(RECIPES[name]);
    known.set(name, made);
  }
  return made;
}

const SECONDS = 4;

async function encode([encoder, parameters, size = "160x90", quality = "30"]: readonly string[]): Promise<Clip> {
  const codec = encoder === "libx265" ? "h265" : "h264";
  const own = codec === "h264" ? ["-x264-params", `keyint=10:min-keyint=10:scenecut=0:threads=1:ref=2:${parameters}`] : ["-x265-params", `keyint=10:min-keyint=10:scenecut=0:${parameters}`];
  const raw = codec === "h264" ? "h264" : "hevc";
  const input = ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=10:d=${SECONDS}`, "-pix_fmt", "yuv420p", "-c:v", encoder!, "-preset", "veryfast", "-crf", quality, ...own];
  const [bytes, list] = await run([...input, "-map", "0:v", "-f", "tee", `[f=${raw}]pipe:1|[f=framecrc]pipe:3`]);
  const packets = [...list!.toString().matchAll(/^0,\s*-?\d+,\s*(-?\d+),\s*\d+,\s*(\d+),\s*0x[0-9a-f]+(.*)$/gm)];
  const sorted = packets.map(([, pts]) => Number(pts)).sort((a, b) => a - b);
  const sets: Buffer[] = [];
  const coded: Coded[] = [];
  let at = 0;
  for (const [, pts, size, rest] of packets) {
    const units = splitAnnexB(bytes!.subarray(at, at + Number(size)));
    at += Number(size);
    for (const unit of units) if (isSet(codec, unit) && !sets.some((other) => other.equals(unit))) sets.push(unit);
    coded.push({ units: units.filter((unit) => !isSet(codec, unit) && !isBanner(codec, unit)), rank: sorted.indexOf(Number(pts)), sync: (Number(/F=(0x[0-9A-F]+)/i.exec(rest!)?.[1] ?? 1) & 1) === 1 });
  }
  if (at !== bytes!.length || coded.length !== SECONDS * 10) throw new Error(`cannot cut a clip into pictures: got ${coded.length} of ${at} of ${bytes!.length} bytes`);
  const hashes = await decoded(codec, [...sets, ...coded.flatMap(({ units }) => units)]);
  if (hashes.length !== coded.length) throw new Error(`cannot decode a clip: got ${hashes.length} of ${coded.length} pictures`);
  return { codec, sets, coded, hashes };
}

/** What an encoder says of itself. */
const isBanner = (codec: Codec, unit: Buffer): boolean => typeOf(codec, unit) === (codec === "h264" ? 6 : 39) && unit[codec === "h264" ? 1 : 2] === 5;

/** As the pictures are wanted: with all that is cropped cut off, none turned, each once. */
const EXACT_INPUT = ["-flags", "+unaligned", "-ignore_editlist", "1", "-noautorotate"];
const RAW_INPUT = ["-flags", "+unaligned"];
/** How pictures are compared. FFmpeg's libraries make the same of a stream in every version, but colors of it that differ a little. */
export const PIXEL_FORMAT = process.env.ODD_STREAMS === "all" || process.env.DECODER === "node-av" ? "yuv420p" : "bgr24";
const HASHES = ["-map", "0:v:0", "-fps_mode", "passthrough", "-pix_fmt", PIXEL_FORMAT, "-f", "framemd5", "pipe:1"];

const decodedBefore = new Map<string, Promise<string[]>>();

function once_(key: Buffer, make: () => Promise<string[]>): Promise<string[]> {
  const name = createHash("sha1").update(key).digest("base64");
  let made = decodedBefore.get(name);
  if (made === undefined) {
    made = make();
    decodedBefore.set(name, made);
  }
  return made;
}

/** Checksums of what ffmpeg decodes of an elementary stream. */
export function decoded(codec: Codec, units: readonly Buffer[]): Promise<string[]> {
  const bytes = annexB(units);
  return once_(bytes, () => hashesOf([...RAW_INPUT, "-f", codec === "h264" ? "h264" : "hevc", "-i", "pipe:0"], bytes));
}

/** Checksums of what ffmpeg decodes of fragmented MP4. */
export const decodedMp4 = (bytes: Buffer, options: readonly string[] = []): Promise<string[]> => hashesOf([...options, ...EXACT_INPUT, "-i", "pipe:0"], bytes);

async function hashesOf(input: readonly string[], bytes: Buffer): Promise<string[]> {
  const [out] = await run([...input, ...HASHES], bytes);
  return [...out!.toString().matchAll(/^0,.*,\s*([0-9a-f]{32})$/gm)].map(([, hash]) => hash!);
}

/** Runs ffmpeg and returns what it wrote to descriptors 1 and 3. */
async function run(args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<[Buffer, Buffer]> {
  const child = spawn(FFMPEG, ["-hide_banner", "-v", "error", "-y", ...args], { stdio: ["pipe", "pipe", "ignore", "pipe"] });
  child.stdin!.on("error", () => undefined);
  child.stdin!.end(input);
  const [out, more] = await Promise.all([buffer(child.stdout!), buffer(child.stdio[3] as Readable), once(child, "close")]);
  return [out, more];
}
