import { homedir } from "node:os";
import { redact } from "../core/redact.js";
import { systemCode } from "../sinks/output-error.js";
import { errorMessage } from "./error-message.js";
import { exitCodeOf } from "./exit.js";
import { Interrupted, STOP_SIGNALS } from "./interrupted.js";
import { openSource, type OpenSource } from "./open-source.js";
import { runCommandLine } from "./program.js";

const IO_ERROR = 74;
/** Time limit for finishing the frame in hand when asked to stop, milliseconds. */
const LONGEST_STOP_MS = 4500;

/** What is left open after a command may end by itself for so long, milliseconds. */
const LONGEST_LEFT_MS = 500;

/** Runs the command line; the only file that touches the process. */
export async function main(openFrames: OpenSource = openSource): Promise<void> {
  const { env, stdout, stderr } = process;
  const argv = process.argv.slice(2);
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true"; // about the next SDK and not this run: for developers
  env.HOME ??= homeOr("/nonexistent");
  process.on("uncaughtException", (error) => {
    // The SDK leaves rejected promises of its providers behind; the call that needed the credentials reports the failure.
    if (error.name !== "CredentialsProviderError") exitByBug(error, argv);
  });
  stderr.on("error", () => undefined); // nobody is left to tell
  stdout.on("error", (error) => {
    const isReaderGone = systemCode(error) === "EPIPE";
    if (!isReaderGone) process.exitCode = IO_ERROR;
  });
  const exitCode = await runCommandLine(argv, { env, stdout, stderr, signal: stopSignal(), onHangUp: (listener) => void process.on("SIGHUP", listener), openSource: openFrames });
  if (exitCode !== 0) process.exitCode = exitCode;
  endOnceWritten();
}

/** A library may leave a connection behind, such as one to a credential provider that never answers: it must not keep the process. */
function endOnceWritten(): void {
  const { stdout, stderr } = process;
  const end = (): void => {
    if (stdout.writableLength + stderr.writableLength === 0) process.exit();
  };
  setInterval(end, LONGEST_LEFT_MS).unref();
}

/** Returns the home directory, which the AWS SDK asks for even when it needs no file, or a stand-in for a user without one. */
function homeOr(none: string): string {
  try {
    return homedir();
  } catch {
    return none;
  }
}

/** Asked once, finish what is in hand, in time; asked twice, leave at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of STOP_SIGNALS) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (stop.signal.aborted) process.exit(interrupted.exitCode);
      stop.abort(interrupted);
      setTimeout(() => leave(interrupted), LONGEST_STOP_MS).unref();
    });
  }
  return stop.signal;
}

/** Ends a run that a reader, a proxy or a disk holds up. */
function leave({ message, exitCode }: Interrupted): void {
  process.stderr.write(`kvs-frames: ${message}; what was in hand could not be finished within ${LONGEST_STOP_MS / 1000} s\n`);
  process.exit(exitCode);
}

/** The last resort, also for promises that nobody waits for: one sentence, and the stack for those who ask for it. */
function exitByBug(error: unknown, argv: readonly string[]): void {
  const isDebugging = /--log-level[ =](debug|trace)\b/.test(argv.join(" "));
  process.stderr.write(`kvs-frames: ${errorMessage(error)}\n`);
  if (isDebugging && error instanceof Error) process.stderr.write(`${redact(String(error.stack))}\n`);
  process.exit(exitCodeOf(error));
}
