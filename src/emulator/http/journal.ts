import type { RequestFacts } from "./override.js";

export interface JournalEntry extends Omit<RequestFacts, "query"> {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  /** Of the body, handed to the connection. */
  readonly bytes: number;
}

const MAX_ENTRIES = 100_000;

/** Every request answered, oldest first; it never holds a token. */
export class Journal {
  readonly entries: JournalEntry[] = [];

  add({ at, method, path, operation, streamName, sessionIndex }: RequestFacts, status: number, bytes: number): void {
    if (this.entries.length === MAX_ENTRIES) this.entries.shift();
    this.entries.push({ at, method, path, operation, streamName, sessionIndex, status, bytes });
  }
}
