import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const DIRECTORY = join(tmpdir(), "kvs-frames-bench-clips");
const GROUP_SECONDS = 2;

/**
 * What the cameras play, round and round. A moving picture under noise costs a decoder what a camera's does: of 4.2 Mbit/s,
 * key pictures take some 7 %.
 */
const CLIPS = {
  "360p30": { size: "640x360", fps: 30, mbits: 0.8, seconds: 20 },
  "720p15": { size: "1280x720", fps: 15, mbits: 1.5, seconds: 20 },
  "1080p30": { size: "1920x1080", fps: 30, mbits: 4.2, seconds: 20 },
  "1080p30-bframes": { size: "1920x1080", fps: 30, mbits: 4.2, seconds: 20, bframes: 2 },
  "2160p30": { size: "3840x2160", fps: 30, mbits: 14, seconds: 10 },
};

function encoderArgs({ size, fps, mbits, seconds, bframes = 0 }) {
  const group = fps * GROUP_SECONDS;
  const rate = `${mbits}M`;
  return [
    ["-f", "lavfi", "-i", `mandelbrot=size=${size}:rate=${fps},noise=alls=8:allf=t`, "-t", String(seconds), "-pix_fmt", "yuv420p"],
    ["-c:v", "libx264", "-preset", "veryfast", "-b:v", rate, "-maxrate", rate, "-bufsize", `${2 * mbits}M`],
    ["-x264-params", `keyint=${group}:min-keyint=${group}:scenecut=0:open-gop=0:bframes=${bframes}:b-adapt=0`],
  ].flat();
}

/** One fragment for each group of pictures, as cameras send them. */
const FRAGMENTED = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-f", "mp4"];

/** Makes clips, once for all runs on a machine. */
export class Clips {
  #ffmpeg;
  #signal;
  #say;

  constructor({ ffmpeg, signal, say }) {
    this.#ffmpeg = ffmpeg;
    this.#signal = signal;
    this.#say = say;
  }

  /** Path of a clip of that name. */
  make(name) {
    return this.#once(name, encoderArgs(CLIPS[name]));
  }

  /** Path of the clip played over and over for so long: the same pictures as a camera's archive holds, in a file. */
  async repeat(name, seconds) {
    const clip = await this.make(name);
    const times = Math.ceil(seconds / CLIPS[name].seconds);
    return this.#once(`${name}-${seconds}s`, ["-stream_loop", String(times - 1), "-i", clip, "-t", String(seconds), "-c", "copy"]);
  }

  async #once(name, args) {
    const recipe = createHash("sha256").update([this.#ffmpeg.version, ...args].join("\n")).digest("hex").slice(0, 12);
    const path = join(DIRECTORY, `${name}-${recipe}.mp4`);
    if (await access(path).then(() => true, () => false)) return path;
    this.#say(`making the clip ${name}`);
    await mkdir(DIRECTORY, { recursive: true });
    const partial = `${path}.${process.pid}`; // another run may make the same
    await run(this.#ffmpeg.path, ["-v", "error", "-y", ...args, ...FRAGMENTED, partial], { signal: this.#signal });
    await rename(partial, path);
    return path;
  }
}

export const framesASecond = (name) => CLIPS[name].fps;
export const pixelsOf = (name) => CLIPS[name].size.split("x").reduce((width, height) => width * height);
