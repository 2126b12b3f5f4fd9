import { closeSync, openSync, writeSync } from "node:fs";
import { outputError } from "../sinks/output-error.js";

const FLAG = "--log-file";

/** A file of log lines, added to what it holds. */
export class LogFile {
  #file: number;

  /** @throws OutputError CANNOT_CREATE */
  constructor(
    private readonly path: string,
    /** Where lines go that the file does not take: a log must not end what it tells of. */
    private readonly fallBack: (line: string) => void,
  ) {
    this.#file = openToAppend(path);
  }

  write(line: string): void {
    try {
      writeSync(this.#file, line);
    } catch {
      this.fallBack(line);
    }
  }

  /** Goes on in a file of the same name, which is made if the old one was moved away. */
  reopen(): void {
    try {
      const file = openToAppend(this.path);
      closeSync(this.#file);
      this.#file = file;
    } catch (error) {
      this.fallBack(`kvs-frames: ${error instanceof Error ? error.message : String(error)}; the log goes on in the old file\n`);
    }
  }
}

function openToAppend(path: string): number {
  try {
    return openSync(path, "a");
  } catch (error) {
    throw outputError(path, error, FLAG);
  }
}
