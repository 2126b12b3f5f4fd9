import { isoTime } from "../core/time.js";
import type { JournalEntry, ScheduledFault } from "../emulator/index.js";
import type { FileStream } from "../sinks/file-stream.js";

/** A file of what the emulator was asked and what went wrong, a line of JSON each, as it happens. */
export class EmulateJournal {
  /** Rejects when the file cannot be written any more. */
  readonly failure: Promise<never>;
  #tail: Promise<void> = Promise.resolve();
  #fail: (error: unknown) => void = () => undefined;

  constructor(private readonly file: FileStream) {
    this.failure = new Promise((_, reject) => (this.#fail = reject));
    this.failure.catch(() => undefined); // also where nobody waits yet
  }

  request({ at, sessionOpenedAt, ...entry }: JournalEntry): void {
    this.#write({ type: "request", at: isoTime(at), ...entry, ...(sessionOpenedAt !== undefined && { sessionOpenedAt: isoTime(sessionOpenedAt) }) });
  }

  fault({ fault, at, until }: ScheduledFault): void {
    this.#write({ type: "fault", ...fault, for: undefined, at: isoTime(at), until: until === Infinity ? null : isoTime(until) });
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.file.close();
  }

  #write(record: object): void {
    this.#tail = this.#tail.then(() => this.file.write(`${JSON.stringify(record)}\n`)).catch(this.#fail);
  }
}

export async function openJournal(path: string): Promise<EmulateJournal> {
  const { FileStream } = await import("../sinks/file-stream.js"); // not needed for --help
  return new EmulateJournal(await FileStream.open(path, "--journal"));
}
