import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** Small pictures: what they cost to write does not delay them. */
const SIZE = { width: 64, height: 36 };
const FRAME_BYTES = SIZE.width * SIZE.height;
const FILTER = `scale=${SIZE.width}:${SIZE.height},format=gray`;

/** Reads a live URL with ffmpeg for some seconds; gives the time at which each frame came out, Unix epoch milliseconds. */
export async function readLive(ffmpeg, url, { seconds, signal }) {
  const args = ["-nostdin", "-v", "error", "-i", url, "-vf", FILTER, "-fps_mode", "passthrough", "-enc_time_base", "-1", "-flush_packets", "1", "-f", "rawvideo", "-"];
  const child = spawn(ffmpeg.path, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const closed = once(child, "close");
  const times = [];
  let bytes = 0;
  child.stdout.on("data", ({ length }) => {
    bytes += length;
    while (times.length < Math.floor(bytes / FRAME_BYTES)) times.push(Date.now());
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    await Promise.race([sleep(seconds * 1000, undefined, { signal }), closed]);
    if (child.exitCode !== null) throw new Error(`ffmpeg ended with ${child.exitCode} while the camera sent`);
    return times;
  } finally {
    kill();
    await closed;
    process.off("exit", kill);
  }
}

/** Which frame is the last of which fragment: those it has asked for, in order; [fragment, index, time]. */
export function newestByFragment(times, fragments, framesOf) {
  let end = 0;
  return fragments.flatMap((fragment) => {
    end += framesOf(fragment);
    return times.length < end ? [] : [[fragment, framesOf(fragment) - 1, times[end - 1]]];
  });
}
