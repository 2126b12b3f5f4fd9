import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { peakMemory } from "./process-tree.mjs";

/**
 * bash's `time` counts what a command and all its children took that were waited for, exactly and at no cost. Its line goes to
 * descriptor 3, apart from what the command says; 5 is for the reader at the end of the pipe.
 */
const TIMED = `TIMEFORMAT='%3U %3S %3R'; exec 4>&2; { time "$@" 2>&4 3>&- 4>&- 5>&-; } 2>&3`;
/** The reader takes what the pipe gives, and counts it. */
const PIPED = `set -o pipefail; TIMEFORMAT='%3U %3S %3R'; exec 4>&2; { time { "$@" 2>&4 3>&- 4>&- 5>&- | dd of=/dev/null bs=128K 2>&5; }; } 2>&3`;

/** None takes so long; what does, hangs. */
const LONGEST_MS = 180_000;

const running = new Set();
// Also after an error of ours. What has a process group of its own ends with its input.
process.once("exit", () => running.forEach(killGroup));

function killGroup({ pid }) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** One thing to run and to measure. */
export class Command {
  #argv;
  #options;

  /**
   * @param options `signal` that kills it, env, cwd; `output`: "discard", "text", or "pipe" for a reader that discards;
   * `watchMemory`; `exitCodes` with which it may end
   */
  constructor(argv, { signal, env, cwd, output = "discard", watchMemory = false, exitCodes = [0] }) {
    this.#argv = argv;
    this.#options = { signal, env, cwd, output, watchMemory, exitCodes };
  }

  /** Runs it: seconds on the clock and of processor time, MB at most, what it wrote to stdout, bytes through the pipe. */
  async run() {
    const { signal, env, cwd, output, watchMemory, exitCodes } = this.#options;
    const stdout = output === "text" ? "pipe" : "ignore";
    const script = output === "pipe" ? PIPED : TIMED;
    signal.throwIfAborted();
    const child = spawn("bash", ["-c", script, "bench", ...this.#argv], { env, cwd, stdio: ["ignore", stdout, "pipe", "pipe", "ignore", "pipe"], detached: true });
    running.add(child);
    const onAbort = () => killGroup(child);
    signal.addEventListener("abort", onAbort);
    const hung = setTimeout(onAbort, LONGEST_MS);
    const ended = new AbortController();
    const memory = watchMemory ? peakMemory(child.pid, ended.signal) : undefined;
    try {
      const [said, errors, times, counted, [code]] = await Promise.all([
        child.stdout ? text(child.stdout) : "", text(child.stderr), text(child.stdio[3]), text(child.stdio[5]), once(child, "close"),
      ]);
      signal.throwIfAborted();
      if (!exitCodes.includes(code)) throw new Error(`${this.#argv[0]} ended with ${code}: ${errors.trim().split("\n").slice(-3).join("; ")}`);
      ended.abort();
      return { ...readTimes(times), peakMb: await memory, stdout: said, pipedBytes: readCount(counted) };
    } finally {
      ended.abort();
      running.delete(child);
      clearTimeout(hung);
      signal.removeEventListener("abort", onAbort);
    }
  }
}

function readTimes(line) {
  const [user, system, wall] = line.trim().split(" ").map(Number);
  return { wall, cpu: user + system };
}

/** `dd` says "6220800 bytes (6.2 MB, 5.9 MiB) copied, …". */
const readCount = (said) => Number(/^(\d+) bytes/m.exec(said)?.[1] ?? 0);
