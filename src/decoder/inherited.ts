import { readdirSync, readFileSync } from "node:fs";
import { DecoderError } from "../core/errors.js";
import { readPresentationNumbers } from "./clock.js";
import { failed } from "./failed.js";
import type { FfmpegProcess } from "./process.js";

/** ffmpeg may print the numbers of so many pictures before it writes them: newer ones decode, scale and write in threads of their own. */
const AHEAD = 64;
/** Of its own affairs, not pixels. */
const NOT_PIXELS = 1024;
const NONE = Buffer.alloc(0);

/**
 * The pictures that an ffmpeg writes to a descriptor that it was given, by their numbers alone: none is told before it must have been
 * written, and at the end the system tells by the bytes how many were.
 * @throws DecoderError FFMPEG_FAILED, not retryable when the last picture is there in part: whoever reads could not tell where the
 * next one begins
 */
export async function* inheritedPictures(ffmpeg: FfmpegProcess, pictureBytes: number): AsyncGenerator<{ data: Buffer; number: number }, undefined> {
  const printed: number[] = [];
  let told = 0;
  const next = (): { data: Buffer; number: number } => {
    told += 1;
    return { data: NONE, number: printed.shift() ?? 0 };
  };
  for await (const number of readPresentationNumbers(ffmpeg.numbers)) {
    printed.push(number);
    if (printed.length > AHEAD) yield next();
  }
  const { ok, description } = await ffmpeg.exited;
  if (ok) {
    while (printed.length > 0) yield next();
    return undefined;
  }
  const bytes = ffmpeg.stdoutBytes();
  const isHalved = bytes === undefined || bytes % pictureBytes > NOT_PIXELS;
  if (isHalved) throw new DecoderError(`ffmpeg ended in the middle of a picture on stdout, so that nothing can follow it (${description}); run it again`, { code: "FFMPEG_FAILED" });
  const written = Math.floor(bytes / pictureBytes);
  if (written < told) throw new DecoderError(`ffmpeg wrote ${written} pictures to stdout where ${told} were told (${description})`, { code: "FFMPEG_FAILED" });
  while (told < written && printed.length > 0) yield next();
  if (printed.length > 0) throw failed(`ended with ${description}, and ${printed.length} pictures unwritten`);
  return undefined;
}

/** Numbers of write(2) on x86-64 and on arm64. */
const WRITE = ["1", "64"];

/** Whether a process is waiting for whoever reads its standard output: then it stands still with every right (proc(5), /proc/pid/syscall). */
export function isHeldUpByReader(pid: number | undefined): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.some((thread) => {
      const [call = "", descriptor] = readFileSync(`/proc/${pid}/task/${thread}/syscall`, "latin1").split(" ");
      return WRITE.includes(call) && descriptor === "0x1";
    });
  } catch {
    return true; // nobody can tell, and to kill it would spoil what is read
  }
}
