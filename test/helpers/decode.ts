import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { FFMPEG } from "./emulated.js";

/** Every picture of an MP4, as rgb24 of the given size. */
export async function decodeRgb(mp4: Buffer, width: number, height: number): Promise<Buffer[]> {
  const args = ["-v", "error", "-i", "-", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-s", `${width}x${height}`, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const child = spawn(FFMPEG, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(mp4);
  const [pixels, [code]] = await Promise.all([buffer(child.stdout), once(child, "close") as Promise<[number]>]);
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  const size = width * height * 3;
  return Array.from({ length: pixels.length / size }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
}
