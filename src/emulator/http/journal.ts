import type { Reply } from "./message.js";
import type { RequestFacts } from "./override.js";

export interface JournalEntry extends Omit<RequestFacts, "query"> {
  /** 0: no answer, or none yet. */
  readonly status: number;
  /** Of the body, taken by the system so far; up to one piece more may have left, if the client hung up in the middle of it. */
  readonly bytes: number;
  /** First and last byte of the range that was served, as in Content-Range. */
  readonly range?: readonly [from: number, to: number] | undefined;
  /** Of a request for a fragment: how many of its bytes, as the service has them, left from its start on; 0 for a range from its middle. */
  readonly upTo?: number | undefined;
  /** Kind of the fault that hit this request. */
  readonly fault?: string | undefined;
  /** The service's own body, and all of it, left before the client hung up; also as a range that covers everything. */
  readonly isWhole: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Writes down what becomes of one request. */
export interface RequestRecord {
  /** As the answer sets out, so that a client that has read it finds it in the journal. */
  readonly answered: (reply: Reply, isFaithful: boolean) => void;
  /** As the body leaves. */
  readonly taken: (bytes: number) => void;
}

const MAX_ENTRIES = 100_000;

/** Every request, oldest first; it never holds a token. */
export class Journal {
  readonly entries: JournalEntry[] = [];

  /** @param onEnd told of each request once nothing more is sent */
  constructor(private readonly onEnd?: (entry: JournalEntry) => void) {}

  add(facts: RequestFacts, fault: string | undefined, ended: Promise<void>): RequestRecord {
    const { at, method, path, operation, streamName, sessionIndex, sessionMode, sessionOpenedAt, fragment, askedRange } = facts;
    const session = { sessionIndex, sessionMode, sessionOpenedAt };
    const upTo = fragment === undefined ? undefined : 0;
    const entry: Writable<JournalEntry> = {
      at, method, path, operation, streamName, ...session, fragment, askedRange, fault,
      status: 0, bytes: 0, range: undefined, upTo, isWhole: false,
    };
    if (this.entries.length === MAX_ENTRIES) this.entries.shift();
    this.entries.push(entry);
    void ended.then(() => this.onEnd?.(entry));
    let size = Infinity;
    let isOwnFromStart = false;
    return {
      answered: ({ status, body, range }, isFaithful) => {
        Object.assign(entry, { status, range: range && [range.from, range.to] });
        size = range?.size ?? body.length;
        isOwnFromStart = isFaithful && (status === 200 || status === 206) && (range?.from ?? 0) === 0;
        entry.isWhole = isOwnFromStart && size === 0; // no byte of it will be told of
      },
      taken: (bytes) => {
        entry.bytes += bytes;
        if (!isOwnFromStart) return;
        if (entry.upTo !== undefined) entry.upTo = entry.bytes;
        entry.isWhole = entry.bytes === size;
      },
    };
  }
}
