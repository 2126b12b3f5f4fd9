import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Ffmpeg {
  /** Path of the executable. */
  readonly path: string;
  /** Variables to take what it needs from. Default: those of this process, all of them. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const TIME_LIMIT_MS = 180_000;
/** Media are held in memory: a camera's loop must stay below this. */
const MAX_OUTPUT_BYTES = 2 ** 30;

/** What it is found by; of the rest of the environment, which may hold secrets, it needs nothing. */
const NEEDED = /^(PATH|HOME|TMPDIR|TEMP|TMP|LANG|LC_\w+|LD_LIBRARY_PATH|DYLD_\w*LIBRARY_PATH|SYSTEMROOT|WINDIR)$/i;

const run = promisify(execFile);

/** Runs ffmpeg once, with `input` on standard input, and gives what it wrote to standard output. */
export async function runFfmpeg({ path, env, signal }: Ffmpeg, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  try {
    const running = run(path, ["-nostdin", "-v", "error", ...args, "-"], {
      encoding: "buffer",
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: TIME_LIMIT_MS,
      killSignal: "SIGKILL",
      signal,
      env: env && Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED.test(name))),
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
