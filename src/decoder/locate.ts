import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { DecoderError } from "../core/errors.js";

const run = promisify(execFile);
const ANSWER_WITHIN_MS = 10_000;
/** Whichever PATH has. */
const PATHS_OWN = "ffmpeg";

/** An ffmpeg, and the environment to run it in. */
export interface Ffmpeg {
  readonly path: string;
  /** First line of `ffmpeg -version`; empty while nobody has seen it run. */
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds ffmpeg: the path given, then KVS_FRAMES_FFMPEG, then FFMPEG_BIN, then PATH when its ffmpeg is new enough, since a system's own
 * gets security fixes, then the package ffmpeg-static. What was named but does not run is an error, not a reason to look further.
 * @throws DecoderError FFMPEG_NOT_FOUND
 */
export async function locateFfmpeg(given: string | undefined, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Ffmpeg> {
  const named = namedPath(given, env);
  const childEnv = neededOf(env);
  if (named?.path) {
    try {
      return await check(named.path, childEnv, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      throw notFound(`cannot run "${named.path}" (from ${named.by}) as ffmpeg: ${reason(cause)}; give the path of an ffmpeg 5.1 or newer`, cause);
    }
  }
  for (const path of [PATHS_OWN, bundledPath()]) {
    const found = path && (await check(path, childEnv, signal).catch(() => undefined));
    signal?.throwIfAborted();
    if (found) return found;
  }
  throw notFound("cannot find ffmpeg, neither on PATH nor from the package ffmpeg-static; install ffmpeg 5.1 or newer (apt-get install ffmpeg, brew install ffmpeg) or name one with --ffmpeg");
}

/** The one that {@link locateFfmpeg} looks at first, and mostly finds. */
export const likelyFfmpeg = (given: string | undefined, env: NodeJS.ProcessEnv): Ffmpeg => ({
  path: namedPath(given, env)?.path ?? PATHS_OWN,
  version: "",
  env: neededOf(env),
});

function namedPath(given: string | undefined, env: NodeJS.ProcessEnv): { readonly by: string; readonly path: string | undefined } | undefined {
  const named = [
    { by: "--ffmpeg", path: given },
    { by: "KVS_FRAMES_FFMPEG", path: env["KVS_FRAMES_FFMPEG"] },
    { by: "FFMPEG_BIN", path: env["FFMPEG_BIN"] },
  ];
  return named.find(({ path }) => path);
}

async function check(path: string, env: Ffmpeg["env"], signal?: AbortSignal): Promise<Ffmpeg> {
  const { stdout } = await run(path, ["-version"], { timeout: ANSWER_WITHIN_MS, killSignal: "SIGKILL", env, signal });
  const version = stdout.split("\n", 1)[0]?.trim() ?? "";
  if (!version.startsWith("ffmpeg version ")) throw new Error(`it answers -version with "${version.slice(0, 80)}"`);
  if (isTooOld(version)) throw new Error(`it is "${version.split(" ", 3).join(" ")}"`);
  return { path, version, env };
}

/** Builds from between releases carry no number, and are taken at their word. */
function isTooOld(version: string): boolean {
  const [, major = Infinity, minor = 0] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) < 5 || (Number(major) === 5 && Number(minor) < 1);
}

/** An optional package: absent wherever its download was not possible. */
function bundledPath(): string | undefined {
  try {
    return createRequire(import.meta.url)("ffmpeg-static") as string;
  } catch {
    return undefined;
  }
}

/** What programs and their libraries are found by, and what language they speak. */
const NEEDED = /^(PATH|PATHEXT|HOME|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LC_\w+|TZ|LD_LIBRARY_PATH|DYLD_\w*LIBRARY_PATH|SYSTEMROOT|WINDIR)$/i;

/** A decoder needs no credentials, of whatever name, so a fault in it must find none. */
const neededOf = (env: NodeJS.ProcessEnv): Ffmpeg["env"] => Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED.test(name)));

const notFound = (message: string, cause?: unknown): DecoderError => new DecoderError(message, { code: "FFMPEG_NOT_FOUND", cause });

function reason(cause: unknown): string {
  const { code, killed, message } = cause as { code?: string | number; killed?: boolean; message: string };
  if (killed) return `no answer to -version within ${ANSWER_WITHIN_MS / 1000} s`;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "it may not be executed";
  return typeof code === "number" ? `-version ended with exit code ${code}` : (message.split("\n", 1)[0] ?? "");
}
