import { pino, type Logger } from "pino";
import pretty from "pino-pretty";
import { redact } from "../core/redact.js";
import type { LogFormat, LogLevel } from "./log-options.js";

export type { Logger };

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly isColored: boolean;
  /** Takes whole lines; called before the logging call returns, so that no line is lost at the end. */
  readonly write: (line: string) => void;
}

export function createLogger({ level, format, isColored, write }: LoggerOptions): Logger {
  const show = format === "text" ? pretty.prettyFactory({ colorize: isColored, translateTime: "SYS:HH:MM:ss.l", singleLine: true }) : (line: string) => line;
  return pino(
    {
      level,
      base: undefined, // one process, one camera: its number and the host's name would be noise
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redact },
    },
    { write: (line) => write(show(line)) },
  );
}
