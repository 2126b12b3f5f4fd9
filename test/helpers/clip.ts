import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface ClipOptions {
  readonly codec?: "libx264" | "libx265";
  readonly size?: string;
  readonly fps?: number;
  readonly frames?: number;
  /** Frames from one key frame, and so one fragment, to the next. */
  readonly gop?: number;
  readonly bFrames?: number;
  /** Only sound, no picture. */
  readonly audioOnly?: boolean;
}

/** A recording as the service would serve it: one init segment, then media fragments that each begin with a key frame. */
export interface Clip {
  readonly whole: Buffer;
  readonly init: Buffer;
  readonly fragments: readonly Buffer[];
}

/** Records a clip with ffmpeg's own moving test picture. */
export const makeClip = (options: ClipOptions = {}): Promise<Clip> => clipFrom(options.audioOnly ? soundArgs : pictureArgs(options));

/** @param args of ffmpeg: what to record, and how to encode it */
export async function clipFrom(args: readonly string[]): Promise<Clip> {
  const folder = await mkdtemp(join(tmpdir(), "clip-"));
  try {
    const file = join(folder, "clip.mp4");
    await run("ffmpeg", ["-v", "error", ...args, "-movflags", "frag_keyframe+empty_moov+default_base_moof", file]);
    return splitClip(await readFile(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const soundArgs = ["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"];

function pictureArgs({ codec = "libx264", size = "64x48", fps = 10, frames = 20, gop = 10, bFrames = 0 }: ClipOptions): string[] {
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${fps}`, "-frames:v", String(frames), "-pix_fmt", "yuv420p"];
  const groups = ["-g", String(gop), "-bf", String(bFrames), "-sc_threshold", "0"];
  const x265 = ["-x265-params", `log-level=error:keyint=${gop}:min-keyint=${gop}:bframes=${bFrames}:open-gop=0:pools=1`, "-tag:v", "hvc1"];
  return [...picture, "-c:v", codec, "-preset", "veryfast", "-threads", "1", ...(codec === "libx265" ? x265 : groups)];
}

function splitClip(whole: Buffer): Clip {
  const isMedia = new Set(["moof", "mdat"]);
  const init: Buffer[] = [];
  const fragments: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const size = whole.readUInt32BE(at);
    const type = whole.toString("latin1", at + 4, at + 8);
    const box = whole.subarray(at, at + size);
    if (type === "moof") fragments.push(box);
    else if (type === "mdat") fragments.push(Buffer.concat([fragments.pop() ?? Buffer.alloc(0), box]));
    else if (!isMedia.has(type) && type !== "mfra") init.push(box);
    at += size;
  }
  return { whole, init: Buffer.concat(init), fragments };
}
