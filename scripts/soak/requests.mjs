const SECOND_MS = 1000;
const OPEN = "GetHLSStreamingSessionURL";

/** Counts what is asked of the emulator while it is asked: its journal forgets what is old. */
export class Requests {
  opened = 0;
  /** Answers of status 400 and above, by "STATUS operation". */
  refused = new Map();
  /** By operation, the most requests that one session saw in any one second. */
  peaks = new Map();
  /** Times of the last second's requests, by operation and session. */
  #recent = new Map();

  /** Told of each request as it comes, in order of time. */
  asked({ at, operation, sessionIndex }) {
    if (sessionIndex === undefined) return;
    for (const [key, times] of this.#recent) {
      if (times.at(-1) <= at - SECOND_MS) this.#recent.delete(key);
    }
    const key = `${operation} ${sessionIndex}`;
    const times = [...(this.#recent.get(key) ?? []).filter((time) => time > at - SECOND_MS), at];
    this.#recent.set(key, times);
    this.peaks.set(operation, Math.max(this.peaks.get(operation) ?? 0, times.length));
  }

  /** Told of each request once it is answered. */
  answered({ status, operation }) {
    if (operation === OPEN && status === 200) this.opened++;
    const key = `${status} ${operation}`;
    if (status >= 400) this.refused.set(key, (this.refused.get(key) ?? 0) + 1);
  }
}
