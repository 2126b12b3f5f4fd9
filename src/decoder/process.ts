import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { OnReadOpts, Socket } from "node:net";
import { Readable, type Writable } from "node:stream";
import { DecoderError } from "../core/errors.js";
import { redact } from "../core/redact.js";
import { CLOCK_FD } from "./args.js";
import type { Ffmpeg } from "./locate.js";
import { openSocketPair } from "./socket-pair.js";
import { writtenByEndedChildren } from "./written-by-children.js";

const TERM_GRACE_MS = 1000;
const STDERR_LINES_KEPT = 5;
const LINE_LENGTH_KEPT = 300;

/** How many of ours have ended. */
let endedChildren = 0;

/** A running ffmpeg: its pipes, its end, and how to end it. */
export interface FfmpegProcess {
  readonly input: Writable;
  readonly pixels: Readable;
  readonly numbers: Readable;
  readonly pid: number | undefined;
  /** Bytes that it wrote to its standard output, once it is gone and all else that it wrote was read; undefined where the system does not tell. */
  stdoutBytes(): number | undefined;
  /** Fulfilled when the process is gone, however it went. */
  readonly exited: Promise<FfmpegExit>;
  /** Ends it, by force if it must be, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface FfmpegExit {
  readonly ok: boolean;
  /** "exit code 1: last words of stderr". */
  readonly description: string;
}

/**
 * @param onPixels a descriptor of ours that it is to write its pixels to, or how they are read, where the system lets us choose; elsewhere, and without, {@link FfmpegProcess.pixels} has them as data
 * @throws DecoderError FFMPEG_NOT_FOUND when it cannot be started.
 */
export async function startFfmpeg(ffmpeg: Ffmpeg, args: readonly string[], onPixels?: OnReadOpts | number): Promise<FfmpegProcess> {
  // Without a directory that is ours to write an ordinary pipe does as well, at more cost.
  const pair = typeof onPixels !== "object" ? undefined : (await openSocketPair(onPixels).catch(() => undefined));
  const writtenBefore = typeof onPixels === "number" ? writtenByEndedChildren() : undefined;
  // A process group of its own: Ctrl-C in a terminal is for us, and the picture in hand is still to be finished.
  const child = spawn(ffmpeg.path, args, { stdio: ["pipe", pair?.theirs ?? (typeof onPixels === "number" ? onPixels : "pipe"), "pipe", "pipe"], env: ffmpeg.env, detached: true, windowsHide: true });
  try {
    await once(child, "spawn");
  } catch (cause) {
    pair?.ours.destroy();
    throw new DecoderError(`cannot start ffmpeg at "${ffmpeg.path}": ${(cause as Error).message}`, { code: "FFMPEG_NOT_FOUND", cause });
  } finally {
    pair?.theirs.destroy();
  }
  const [input, stderr, numbers] = [child.stdio[0] as Writable, child.stdio[2] as Readable, child.stdio[CLOCK_FD] as Readable];
  const pixels = pair?.ours ?? (child.stdio[1] as Readable | null) ?? Readable.from([]);
  const pipes = [input, pixels, stderr, numbers];
  // A pipe that breaks because ffmpeg died is told by its exit; without a listener it would end this process too.
  for (const each of [child, ...pipes]) each.on("error", () => undefined);
  const lastWords = keepLastLines(stderr);
  let writtenAfter: number | undefined;
  const endedBefore = endedChildren;
  child.once("exit", () => {
    // With another that ended meanwhile nobody can tell them apart.
    const isAlone = ++endedChildren === endedBefore + 1;
    if (writtenBefore !== undefined && isAlone) writtenAfter = writtenByEndedChildren();
  });
  const stdoutBytes = (): number | undefined =>
    writtenBefore === undefined || writtenAfter === undefined ? undefined : writtenAfter - writtenBefore - (stderr as Socket).bytesRead - (numbers as Socket).bytesRead;
  const exited = Promise.all([once(child, "exit"), once(stderr, "close")]).then(([[code, signal]]): FfmpegExit => {
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const words = lastWords();
    return { ok: code === 0, description: words === "" ? how : `${how}: ${words}` };
  });
  return { input, pixels, numbers, pid: child.pid, stdoutBytes, exited, kill: () => kill(child, pipes, exited) };
}

async function kill(child: ChildProcess, pipes: readonly (Readable | Writable)[], exited: Promise<FfmpegExit>): Promise<void> {
  for (const pipe of pipes) pipe.destroy();
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), TERM_GRACE_MS);
    await exited;
    clearTimeout(timer);
  }
  await exited;
}

/** A broken stream makes ffmpeg complain at every picture, so only the end of what it says is kept. */
function keepLastLines(stream: Readable): () => string {
  let lines: string[] = [];
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    // Before a line is cut: without its name, a token could not be told from other words.
    const parts = redact(rest + text).split("\n");
    rest = (parts.pop() ?? "").slice(-LINE_LENGTH_KEPT);
    lines = [...lines, ...parts.filter((line) => line.trim() !== "")].slice(-STDERR_LINES_KEPT);
  });
  return () => [...lines, rest].map((line) => line.trim().slice(0, LINE_LENGTH_KEPT)).filter(Boolean).slice(-2).join("; ");
}
