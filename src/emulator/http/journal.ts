import type { Sent } from "./exchange.js";
import type { Reply } from "./message.js";
import type { RequestFacts } from "./override.js";

export interface JournalEntry extends Omit<RequestFacts, "query"> {
  /** 0: no answer, or none yet. */
  readonly status: number;
  /** Of the body, handed to the connection. */
  readonly bytes: number;
  /** First and last byte of the range that was served, as in Content-Range. */
  readonly range?: readonly [from: number, to: number] | undefined;
  /** Kind of the fault that hit this request. */
  readonly fault?: string | undefined;
  /** The service's own body, and all of it, handed over before the client hung up; also as a range that covers everything. */
  readonly isWhole: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Writes an answer down as it sets out, so that a client that has read it finds it in the journal. */
export type Answered = (reply: Reply, bytes: number, isFaithful: boolean) => void;

const MAX_ENTRIES = 100_000;

/** Every request, oldest first; it never holds a token. */
export class Journal {
  readonly entries: JournalEntry[] = [];

  /** @param onEnd told of each request once nothing more is sent */
  constructor(private readonly onEnd?: (entry: JournalEntry) => void) {}

  add(facts: RequestFacts, fault: string | undefined, ended: Promise<Sent>): Answered {
    const { at, method, path, operation, streamName, sessionIndex, sessionMode, sessionOpenedAt, fragment, askedRange } = facts;
    const session = { sessionIndex, sessionMode, sessionOpenedAt };
    const entry: Writable<JournalEntry> = { at, method, path, operation, streamName, ...session, fragment, askedRange, fault, status: 0, bytes: 0, isWhole: false };
    if (this.entries.length === MAX_ENTRIES) this.entries.shift();
    this.entries.push(entry);
    void ended.then(({ bytes, isFinished }) => {
      entry.bytes = bytes;
      entry.isWhole &&= isFinished;
      this.onEnd?.(entry);
    });
    return ({ status, range, body }, bytes, isFaithful) => {
      const isAll = status === 200 || (status === 206 && range?.size === body.length);
      Object.assign(entry, { status, bytes, range: range && [range.from, range.to], isWhole: isFaithful && isAll });
    };
  }
}
