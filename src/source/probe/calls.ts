import { FrameSourceError } from "../../core/errors.js";
import type { CallFacts, CallFailure } from "./facts.js";
import { spread } from "./statistics.js";

interface Call {
  readonly api: string;
  readonly startedAt: number;
  readonly ms: number;
  readonly error: FrameSourceError | undefined;
}

/** Times every call, and keeps what went wrong: one that fails must not keep the others from being tried. */
export class Calls {
  readonly #calls: Call[] = [];

  /**
   * @param interrupted ends the probe as a whole
   * @param overdue ends whatever is still asked: what is known by then is all there will be
   */
  constructor(
    private readonly interrupted: AbortSignal | undefined,
    private readonly overdue: AbortSignal,
  ) {}

  /** Of the first call that failed so. */
  error(api?: string): FrameSourceError | undefined {
    return this.#calls.find((call) => (api === undefined || call.api === api) && call.error !== undefined)?.error;
  }

  /**
   * @returns undefined when it failed
   * @throws what is no failure of the service, or the reason of the interruption
   */
  async time<T>(api: string, ask: () => Promise<T>): Promise<T | undefined> {
    const startedAt = performance.now();
    const note = (error?: FrameSourceError): void => void this.#calls.push({ api, startedAt, ms: performance.now() - startedAt, error });
    try {
      const answer = await ask();
      note();
      return answer;
    } catch (error) {
      this.interrupted?.throwIfAborted();
      const failure = this.overdue.aborted ? new FrameSourceError("no answer before the probe's time was over; allow longer with --timeout", { code: "TIMEOUT", retryable: true, cause: error }) : error;
      if (!(failure instanceof FrameSourceError)) throw failure;
      note(failure);
      return undefined;
    }
  }

  /** Each operation once, in the order in which they were first asked. */
  facts(): CallFacts[] {
    const inOrder = [...this.#calls].sort((a, b) => a.startedAt - b.startedAt);
    return [...new Set(inOrder.map(({ api }) => api))].map((api) => {
      const calls = inOrder.filter((call) => call.api === api);
      const error = calls.find((call) => call.error !== undefined)?.error;
      return { api, count: calls.length, ms: spread(calls.map(({ ms }) => ms)).median, error: error === undefined ? null : failureOf(error) };
    });
  }
}

function failureOf({ code, message, cause }: FrameSourceError): CallFailure {
  const { name, $metadata } = (cause ?? {}) as Partial<Error> & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? null;
  // Without an answer, the name is one of the SDK's or the system's.
  return { code, name: status === null ? null : (name ?? null), status, message };
}
