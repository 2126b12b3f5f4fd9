import { setTimeout as sleep } from "node:timers/promises";
import { FrameSourceError, KVSConnectionError, type ErrorCode } from "../core/errors.js";
import { retryDelay, type RetryPolicy } from "../core/retry.js";
import type { SessionUrl } from "../core/session-url.js";
import type { HlsRequest, KvsApi } from "./api.js";

/** The service lets a stream open one session a second. */
const OPENINGS_APART_MS = 1000;
const WHEN_THROTTLED: RetryPolicy = { delayMs: 1000, maxDelayMs: 4000, multiplier: 2, maxAttempts: 4 };
/** A hiccup of the service, or a connection that it closed just then: no reason to count the connection as lost. */
const WHEN_TROUBLED: RetryPolicy = { delayMs: 200, maxDelayMs: 1000, multiplier: 2, maxAttempts: 3 };
/** Not after a timeout, which has cost its time. */
const POLICIES: Readonly<Partial<Record<ErrorCode, RetryPolicy>>> = { THROTTLED: WHEN_THROTTLED, SERVICE_ERROR: WHEN_TROUBLED, UNREACHABLE: WHEN_TROUBLED };

/** Opens the sessions of one stream, live and on demand, one after the other and no faster than the service allows. */
export class Openings {
  #lastEndedAt = -Infinity;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly api: KvsApi) {}

  /**
   * @param whenEmpty what to say when the stream exists and has nothing to play
   * @throws KVSConnectionError, NO_MEDIA among them, or the signal's reason
   */
  open(request: HlsRequest, whenEmpty: string, signal: AbortSignal): Promise<SessionUrl> {
    const opened = this.#tail.then(() => this.#openInTurn(request, whenEmpty, signal));
    this.#tail = opened.catch(() => undefined);
    return opened;
  }

  async #openInTurn(request: HlsRequest, whenEmpty: string, signal: AbortSignal): Promise<SessionUrl> {
    for (let tries = 1; ; tries++) {
      await pause(this.#lastEndedAt + OPENINGS_APART_MS - Date.now(), signal);
      try {
        return await this.api.openHlsSession(request, signal);
      } catch (error) {
        const policy = error instanceof FrameSourceError && error.retryable ? POLICIES[error.code] : undefined;
        if (policy === undefined || tries >= policy.maxAttempts) throw await this.#explain(error, whenEmpty, signal);
        await pause(retryDelay(policy, tries), signal);
      } finally {
        // From its end, because finding the endpoint first may take a while.
        this.#lastEndedAt = Date.now();
      }
    }
  }

  /** "There is no such stream" and "it has nothing to play" are one and the same error code of the service. */
  async #explain(error: unknown, whenEmpty: string, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof FrameSourceError) || error.code !== "STREAM_NOT_FOUND") return error;
    const noMedia = new KVSConnectionError(whenEmpty, { code: "NO_MEDIA", retryable: true, cause: error.cause });
    try {
      await this.api.describeStream(signal);
      return noMedia;
    } catch (describeError) {
      signal.throwIfAborted();
      const isGone = describeError instanceof FrameSourceError && describeError.code === "STREAM_NOT_FOUND";
      if (isGone) return error;
      // Not allowed to ask: the words of the first answer must do.
      return /no fragments found/i.test(error.message) ? noMedia : error;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // an aborted sleep rejects with an error of its own, which is not the reason
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
