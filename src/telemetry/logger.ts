import { pino, type Logger } from "pino";
import pretty from "pino-pretty";
import { printableJson, redact } from "../core/redact.js";
import type { LogFormat, LogLevel } from "./log-options.js";

export type { Logger };

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly isColored: boolean;
  /** Whose log it is, for those who gather many. */
  readonly camera?: string | undefined;
  /** Takes whole lines; called before the logging call returns, so that no line is lost at the end. */
  readonly write: (line: string) => void;
}

export function createLogger({ level, format, isColored, camera, write }: LoggerOptions): Logger {
  const show = format === "text" ? pretty.prettyFactory({ colorize: isColored, translateTime: "SYS:HH:MM:ss.l", singleLine: true }) : (line: string) => line;
  return pino(
    {
      level,
      base: camera === undefined ? undefined : { camera }, // the process's number and the host's name would be noise
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => printableJson(redact(line)) },
    },
    { write: (line) => write(show(line)) },
  );
}
