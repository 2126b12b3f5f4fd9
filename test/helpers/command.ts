import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";
import { CREDENTIALS, FFMPEG } from "./emulated.js";
import { descendants } from "./processes.js";
import { assertNoToken } from "./token-leak.js";

export const BINARY = fileURLToPath(new URL("../../bin/kvs-frames.js", import.meta.url));

/** None of the tests needs so long: what hangs is to fail, not to hang its test. */
const LONGEST_MS = 60_000;
/** One for all tests, and none of it in their own directories. */
const CODE_CACHE = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));

export type Environment = Readonly<Record<string, string | undefined>>;
export type Json = Readonly<Record<string, unknown>>;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What the command needs and nothing of this machine's own: no profile, no credentials, no proxy. undefined takes a variable away. */
export function environment(home: string, changes: Environment = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CACHE_HOME: CODE_CACHE,
    KVS_FRAMES_FFMPEG: FFMPEG,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: "us-east-1",
    ...changes,
  };
}

/** `kvs-frames` as a process of its own, in an empty directory that goes with the test, as do the process and all that it started. */
export class Command {
  #stderr = "";
  readonly #stdout: Buffer[] = [];
  readonly #ended: Promise<CommandResult>;

  private constructor(
    readonly child: ChildProcess,
    /** Where it runs; also its HOME. */
    readonly directory: string,
  ) {
    child.stdout?.on("data", (chunk: Buffer) => this.#stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#ended = once(child, "close").then(([code]) => {
      assertNoToken(this.stdout.toString("latin1"), "stdout");
      assertNoToken(this.#stderr, "stderr");
      return { code: code as number | null, stdout: this.stdout, stderr: this.#stderr };
    });
  }

  static async start(context: TestContext, argv: readonly string[], { env, stdio = ["ignore", "pipe", "pipe"] }: { env?: Environment; stdio?: StdioOptions } = {}): Promise<Command> {
    return Command.#spawn(context, process.execPath, [BINARY, ...argv], env, stdio);
  }

  /** A line of shell in which `kvs-frames` is the command. bash, because not every sh has pipefail. */
  static async shell(context: TestContext, line: string, env?: Environment): Promise<Command> {
    const script = `set -o pipefail; kvs-frames() { exec "$NODE" "$BINARY" "$@"; }; ${line}`;
    return Command.#spawn(context, "bash", ["-c", script], { NODE: process.execPath, BINARY, ...env }, ["ignore", "pipe", "pipe"]);
  }

  static async #spawn(context: TestContext, file: string, args: readonly string[], env: Environment | undefined, stdio: StdioOptions): Promise<Command> {
    const directory = await mkdtemp(join(tmpdir(), "kvs-frames-"));
    const command = new Command(spawn(file, args, { cwd: directory, env: environment(directory, env), stdio, timeout: LONGEST_MS, killSignal: "SIGKILL" }), directory);
    context.after(async () => {
      command.child.kill("SIGKILL");
      for (const { pid } of await descendants(command)) process.kill(pid, "SIGKILL");
      await command.#ended;
      await rm(directory, { recursive: true, force: true });
    });
    return command;
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when it is gone and all it said was read. */
  get ended(): Promise<CommandResult> {
    return this.#ended;
  }

  /** Resolves once stdout holds so many records of the type; rejects when it ends before. */
  async records(type: string, count = 1): Promise<readonly Json[]> {
    const found = (): Json[] => recordsOf(this.stdout).filter((record) => record.type === type);
    let hasEnded = false;
    void this.#ended.then(() => (hasEnded = true));
    while (found().length < count) {
      if (hasEnded) throw new Error(`ended with ${found().length} of ${count} ${type} records: ${this.#stderr}`);
      await Promise.race([this.#ended, this.child.stdout && once(this.child.stdout, "data")]);
    }
    return found();
  }
}

/** The whole lines of NDJSON so far; throws on any that is something else. */
export function recordsOf(stdout: Buffer): Json[] {
  const lines = stdout.toString().split("\n").slice(0, -1);
  return lines.map((line) => {
    if (!line.startsWith('{"type":')) throw new Error(`stdout holds something else than records: ${line.slice(0, 200)}`);
    return JSON.parse(line) as Json;
  });
}

/** `kvs-frames` from start to end. */
export async function kvsFrames(context: TestContext, argv: readonly string[], env?: Environment): Promise<CommandResult> {
  const command = await Command.start(context, argv, env && { env });
  return command.ended;
}
