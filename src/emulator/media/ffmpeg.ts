import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Ffmpeg {
  /** Path of the executable. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
}

const TIME_LIMIT_MS = 180_000;
/** Media are held in memory: a camera's loop must stay below this. */
const MAX_OUTPUT_BYTES = 2 ** 30;

const run = promisify(execFile);

/** Runs ffmpeg once, with `input` on standard input, and gives what it wrote to standard output. */
export async function runFfmpeg({ path, signal }: Ffmpeg, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  try {
    const running = run(path, ["-nostdin", "-v", "error", ...args, "-"], {
      encoding: "buffer",
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: TIME_LIMIT_MS,
      killSignal: "SIGKILL",
      signal,
    });
    running.child.stdin?.on("error", () => undefined); // it may have read enough
    running.child.stdin?.end(input);
    return (await running).stdout;
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`cannot encode with ${path}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  const { stderr } = error as { stderr?: Buffer };
  const said = stderr?.toString().trim().split("\n").at(-1);
  return said === undefined || said === "" ? String(error) : said;
}
