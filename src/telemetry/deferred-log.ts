import type { Logger } from "./logger.js";
import { LOG_LEVELS, type LogLevel } from "./log-options.js";

type Told = "trace" | "debug" | "info" | "warn" | "error";
export type Log = Pick<Logger, Told>;

export interface DeferredLog {
  readonly log: Log;
  /** Fulfilled when everything said so far is written. */
  readonly written: () => Promise<void>;
}

/** A log that is opened when something of its level is first said: mostly nothing is, and a logger takes long to load. */
export function deferLog(level: LogLevel, open: () => Promise<Logger>): DeferredLog {
  let logger: Promise<Logger> | undefined;
  let told = Promise.resolve();
  const at = (name: Told): Log[Told] => {
    const isTold = LOG_LEVELS.indexOf(name) >= LOG_LEVELS.indexOf(level);
    return (...said: unknown[]) => {
      if (!isTold) return;
      logger ??= open();
      const opened = logger;
      told = told.then(async () => ((await opened)[name] as (...said: unknown[]) => void)(...said));
    };
  };
  return { log: { trace: at("trace"), debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, written: () => told };
}
