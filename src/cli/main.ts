import { redact } from "../core/redact.js";
import { systemCode } from "../sinks/output-error.js";
import { errorMessage } from "./error-message.js";
import { exitCodeOf } from "./exit.js";
import { Interrupted, STOP_SIGNALS } from "./interrupted.js";
import { openSource, type OpenSource } from "./open-source.js";
import { runCommandLine } from "./program.js";

const IO_ERROR = 74;

/** Runs the command line; the only file that touches the process. */
export async function main(openFrames: OpenSource = openSource): Promise<void> {
  const { env, stdout, stderr } = process;
  const argv = process.argv.slice(2);
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true"; // about the next SDK and not this run: for developers
  process.on("uncaughtException", (error) => exitByBug(error, argv));
  stderr.on("error", () => undefined); // nobody is left to tell
  stdout.on("error", (error) => {
    const isReaderGone = systemCode(error) === "EPIPE";
    if (!isReaderGone) process.exitCode = IO_ERROR;
  });
  const exitCode = await runCommandLine(argv, { env, stdout, stderr, signal: stopSignal(), openSource: openFrames });
  if (exitCode !== 0) process.exitCode = exitCode;
}

/** Asked once, finish what is in hand; asked twice, leave at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of STOP_SIGNALS) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (stop.signal.aborted) process.exit(interrupted.exitCode);
      stop.abort(interrupted);
    });
  }
  return stop.signal;
}

/** The last resort, also for promises that nobody waits for: one sentence, and the stack for those who ask for it. */
function exitByBug(error: unknown, argv: readonly string[]): void {
  const isDebugging = /--log-level[ =](debug|trace)\b/.test(argv.join(" "));
  process.stderr.write(`kvs-frames: ${errorMessage(error)}\n`);
  if (isDebugging && error instanceof Error) process.stderr.write(`${redact(String(error.stack))}\n`);
  process.exit(exitCodeOf(error));
}
