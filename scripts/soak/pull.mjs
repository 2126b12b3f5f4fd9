import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Log } from "./log.mjs";

const BINARY = fileURLToPath(new URL("../../bin/kvs-frames.js", import.meta.url));
const ENDS_WITHIN_MS = 30_000;

/** `kvs-frames pull` as a process of its own, in a directory of its own. */
export class Pull {
  log = new Log();
  manifest;
  #child;
  #ended;
  #gone = new AbortController();
  #pipedBytes;

  constructor({ directory, url, ffmpeg, stream, flags, isPiped = false }) {
    this.manifest = join(directory, "records.ndjson");
    // Counts and discards in a process of its own, so that the emulator has ours to itself.
    const reader = isPiped ? spawn("wc", ["-c"], { stdio: ["pipe", "pipe", "inherit"] }) : undefined;
    const argv = ["pull", "--stream-name", stream, "--endpoint-url", url, "--manifest", this.manifest, "--log-level", "debug", "--log-format", "json", ...flags];
    this.#child = spawn(process.execPath, [BINARY, ...argv], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, KVS_FRAMES_FFMPEG: ffmpeg, AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any", AWS_REGION: "us-east-1" },
      stdio: ["ignore", reader?.stdin ?? "ignore", "pipe"],
      detached: true, // a Ctrl-C is ours to pass on
    });
    reader?.stdin.destroy();
    this.#pipedBytes = reader && readNumber(reader.stdout);
    createInterface({ input: this.#child.stderr }).on("line", (line) => this.log.add(line));
    this.#ended = once(this.#child, "close").then(([code, signal]) => code ?? signal);
    this.#ended.finally(() => this.#gone.abort());
    process.once("exit", () => this.kill()); // also after an error of ours
  }

  get pid() {
    return this.#child.pid;
  }

  /** Aborted when it has ended, by itself or not. */
  get gone() {
    return this.#gone.signal;
  }

  /** Asks it to end; gives the exit code, or the name of the signal that killed it, and what it wrote to stdout, if that is counted. */
  async end() {
    this.#child.kill("SIGTERM");
    await sleep(ENDS_WITHIN_MS, undefined, { signal: this.gone }).catch(() => undefined);
    this.kill();
    return { exitCode: await this.#ended, pipedBytes: await this.#pipedBytes };
  }

  kill() {
    this.#child.kill("SIGKILL");
  }
}

async function readNumber(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return Number(text);
}
