import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { DecoderError } from "../core/errors.js";
import { redact } from "../core/redact.js";
import { CLOCK_FD } from "./args.js";
import type { Ffmpeg } from "./locate.js";

const TERM_GRACE_MS = 1000;
const STDERR_LINES_KEPT = 5;
const LINE_LENGTH_KEPT = 300;

/** A running ffmpeg: its pipes, its end, and how to end it. */
export interface FfmpegProcess {
  readonly input: Writable;
  readonly pixels: Readable;
  readonly numbers: Readable;
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

/** @throws DecoderError FFMPEG_NOT_FOUND when it cannot be started. */
export async function startFfmpeg(ffmpeg: Ffmpeg, args: readonly string[]): Promise<FfmpegProcess> {
  // A process group of its own: Ctrl-C in a terminal is for us, and the picture in hand is still to be finished.
  const child = spawn(ffmpeg.path, args, { stdio: ["pipe", "pipe", "pipe", "pipe"], env: ffmpeg.env, detached: true, windowsHide: true });
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw new DecoderError(`cannot start ffmpeg at "${ffmpeg.path}": ${(cause as Error).message}`, { code: "FFMPEG_NOT_FOUND", cause });
  }
  const [input, pixels, , numbers] = [child.stdin, child.stdout, child.stderr, child.stdio[CLOCK_FD] as Readable];
  // A pipe that breaks because ffmpeg died is told by its exit; without a listener it would end this process too.
  for (const pipe of [child, input, pixels, numbers]) pipe.on("error", () => undefined);
  const lastWords = keepLastLines(child.stderr);
  const exited = Promise.all([once(child, "exit"), once(child.stderr, "close")]).then(([[code, signal]]): FfmpegExit => {
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const words = lastWords();
    return { ok: code === 0, description: words === "" ? how : `${how}: ${words}` };
  });
  return { input, pixels, numbers, exited, kill: () => kill(child, exited) };
}

async function kill(child: ChildProcess, exited: Promise<FfmpegExit>): Promise<void> {
  for (const pipe of child.stdio) pipe?.destroy();
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
