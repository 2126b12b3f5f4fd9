import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { FFMPEG } from "./emulated.js";

/** Every picture of an MP4, as rgb24 of the given size. */
export async function decodeRgb(mp4: Buffer, width: number, height: number): Promise<Buffer[]> {
  const pixels = await decode(mp4, ["-s", `${width}x${height}`, "-f", "rawvideo", "-pix_fmt", "rgb24"]);
  const size = width * height * 3;
  return Array.from({ length: pixels.length / size }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
}

/** A checksum of each decoded picture's pixels, in order of presentation. */
export async function pictureHashes(media: Buffer): Promise<string[]> {
  const text = (await decode(media, ["-f", "framemd5"])).toString();
  return [...text.matchAll(/^0,.*, ([0-9a-f]{32})$/gm)].map((match) => match[1]!);
}

async function decode(media: Buffer, output: readonly string[]): Promise<Buffer> {
  const args = ["-v", "error", "-i", "-", "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "-1", ...output, "-"];
  const child = spawn(FFMPEG, args, { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.end(media);
  const [decoded, [code]] = await Promise.all([buffer(child.stdout), once(child, "close") as Promise<[number]>]);
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return decoded;
}
