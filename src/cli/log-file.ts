import { appendFileSync, closeSync, constants, openSync } from "node:fs";
import { outputError } from "../sinks/output-error.js";

const FLAG = "--log-file";
/** To open a pipe that nobody reads would otherwise block the whole process. */
const APPEND_NOW = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

/** A file that log lines are appended to. */
export class LogFile {
  #file: number;

  /** @throws OutputError CANNOT_CREATE */
  constructor(
    private readonly path: string,
    /** Takes the lines that the file does not: a full disk must not end a run because of its log. */
    private readonly fallBack: (line: string) => void,
  ) {
    this.#file = openToAppend(path);
  }

  write(line: string): void {
    try {
      appendFileSync(this.#file, line);
    } catch {
      this.fallBack(line);
    }
  }

  /** Opens the path again, which creates the file if the old one was moved away. */
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
    return openSync(path, APPEND_NOW);
  } catch (error) {
    throw outputError(path, error, FLAG);
  }
}
