import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CREDENTIALS, FFMPEG } from "./emulated.js";
import { assertNoToken } from "./token-leak.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type Json = Record<string, unknown>;

export interface Finished {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The lines of stdout that are JSON objects. */
  readonly records: Json[];
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** Starts the built binary with credentials that the emulator takes. */
export function start(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const credentials = { AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: "us-east-1" };
  const child = spawn(process.execPath, ["bin/kvs-frames.js", ...argv], {
    cwd: root,
    env: { ...process.env, KVS_FRAMES_FFMPEG: FFMPEG, ...credentials, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const finished = once(child, "close").then(([code]: (number | null)[]): Finished => {
    const stdout = Buffer.concat(chunks);
    assertNoToken(stdout.toString("latin1"), "stdout");
    assertNoToken(stderr, "stderr");
    const lines = stdout.toString().split("\n").filter((line) => line.startsWith("{"));
    return { code: code ?? null, stdout, stderr, records: lines.map((line) => JSON.parse(line) as Json) };
  });
  return { child, finished };
}

/** Runs the built binary to its end. */
export const kvsFrames = (argv: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> => start(argv, env).finished;
