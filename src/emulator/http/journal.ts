import type { RequestFacts } from "./override.js";
import type { Sent } from "./exchange.js";

export interface JournalEntry extends Omit<RequestFacts, "query"> {
  /** 0: no answer, or none yet. */
  readonly status: number;
  /** Of the body, handed to the connection. */
  readonly bytes: number;
  /** Kind of the fault that hit this request. */
  readonly fault?: string | undefined;
  /** Status 200 and the service's own body, all of it handed over before the client hung up. */
  readonly isWhole: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Writes an answer down as it sets out, so that a client that has read it finds it in the journal. */
export type Answered = (status: number, bytes: number, isFaithful: boolean) => void;

const MAX_ENTRIES = 100_000;

/** Every request, oldest first; it never holds a token. */
export class Journal {
  readonly entries: JournalEntry[] = [];

  /** @param onEnd told of each request once nothing more is sent */
  constructor(private readonly onEnd?: (entry: JournalEntry) => void) {}

  add(facts: RequestFacts, fault: string | undefined, ended: Promise<Sent>): Answered {
    const { at, method, path, operation, streamName, sessionIndex, sessionMode, sessionOpenedAt, fragment } = facts;
    const session = { sessionIndex, sessionMode, sessionOpenedAt };
    const entry: Writable<JournalEntry> = { at, method, path, operation, streamName, ...session, fragment, fault, status: 0, bytes: 0, isWhole: false };
    if (this.entries.length === MAX_ENTRIES) this.entries.shift();
    this.entries.push(entry);
    void ended.then(({ bytes, isFinished }) => {
      entry.bytes = bytes;
      entry.isWhole &&= isFinished;
      this.onEnd?.(entry);
    });
    return (status, bytes, isFaithful) => Object.assign(entry, { status, bytes, isWhole: isFaithful && status === 200 });
  }
}
