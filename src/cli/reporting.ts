import type { Logger } from "../telemetry/logger.js";
import type { Progress, ProgressStatus } from "../telemetry/progress.js";
import type { CommandContext } from "./context.js";
import type { LogFlags } from "./flags.js";
import { LogFile } from "./log-file.js";

/** What a run tells on stderr: a status line where a person watches, log lines otherwise. */
export interface Reporting {
  readonly log: Logger;
  /** Tells a person who watches; nobody else. */
  readonly say: (text: string) => void;
  readonly follow: (status: () => ProgressStatus) => Promise<void>;
  readonly stop: () => void;
}

/** A status line that is drawn anew would wipe out records that come to the same terminal: those show the progress themselves. */
export async function openReporting({ logLevel, logFormat = "text", quiet = false, logFile, camera }: LogFlags & { readonly logFile?: string; readonly camera?: string }, { stderr, stdout, env, onHangUp }: CommandContext, hasRecordsOnStdout: boolean): Promise<Reporting> {
  const isTerminal = stderr.isTTY === true;
  const hasStatusLine = isTerminal && !quiet && logFormat === "text" && !(hasRecordsOnStdout && stdout.isTTY);
  const { createLogger } = await import("../telemetry/logger.js");
  let progress: Progress | undefined;
  const toStderr = (line: string): void => (progress ? progress.writeAbove(line) : void stderr.write(line));
  const file = logFile === undefined ? undefined : new LogFile(logFile, toStderr);
  if (file) onHangUp(() => file.reopen());
  const log = createLogger({
    level: logLevel ?? (quiet ? "error" : hasStatusLine && file === undefined ? "warn" : "info"),
    format: logFormat,
    // A person who reads lines of text knows which camera was asked for.
    camera: logFormat === "json" ? camera : undefined,
    isColored: isTerminal && !env.NO_COLOR && file === undefined,
    write: file ? (line) => file.write(line) : toStderr,
  });
  return {
    log,
    say: (text) => {
      if (hasStatusLine) toStderr(`${text}\n`);
    },
    follow: async (status) => {
      if (!hasStatusLine) return;
      const { startProgress } = await import("../telemetry/progress.js");
      progress = startProgress(stderr, status);
    },
    stop: () => {
      progress?.stop();
      progress = undefined;
    },
  };
}
