import { setTimeout as sleep } from "node:timers/promises";
import { FrameSourceError, KVSConnectionError } from "../core/errors.js";
import type { SessionReason } from "../core/events.js";
import type { Clock } from "../core/frame.js";
import type { SessionUrl } from "../core/session-url.js";
import type { HlsRequest, KvsApi } from "./api.js";

export interface LiveSessionOptions {
  readonly api: KvsApi;
  readonly clock: Clock;
  /** Life to ask for, seconds. */
  readonly sessionSeconds: number;
  /** How long before its end a session is replaced, milliseconds. */
  readonly refreshMarginMs: number;
  readonly onSession: (session: { reason: SessionReason; host: string; expiresAt: number }) => void;
}

interface LiveSession {
  readonly url: SessionUrl;
  /** Unix epoch, milliseconds. */
  readonly expiresAt: number;
}

/** Fragments in a live playlist: enough to catch up after a short trouble, few enough to be quick. The service advises 3 to 10. */
const FRAGMENTS_LISTED = 10;
/** The service lets a stream open one session a second. */
const OPENINGS_APART_MS = 1000;

/**
 * The live sessions of one stream, one after the other. The next one is opened ahead of the last one's end while that still
 * serves, so that no reader ever waits for it.
 */
export class LiveSessions {
  #current: LiveSession | undefined;
  #opening: Promise<void> | undefined;
  #reason: SessionReason = "start";
  #lastOpenedAt = -Infinity;

  constructor(private readonly options: LiveSessionOptions) {}

  /**
   * A session that serves now.
   * @throws KVSConnectionError, or the signal's reason
   */
  async acquire(signal: AbortSignal): Promise<SessionUrl> {
    const current = this.#current;
    if (current === undefined || current.expiresAt <= Date.now()) {
      this.#drop("expired");
      this.#opening ??= this.#open(signal);
      await this.#opening;
      return this.acquire(signal);
    }
    if (current.expiresAt - this.options.refreshMarginMs <= Date.now()) {
      this.#reason = "refresh";
      this.#opening ??= this.#open(signal);
      // The old session still serves: a failure matters only when it does no more, and then it is met again.
      this.#opening.catch(() => undefined);
    }
    return current.url;
  }

  /** The service refused this session, which may be before its time: ten newer ones on the stream end it. */
  reportExpired(url: SessionUrl): void {
    if (this.#current?.url === url) this.#drop("expired");
  }

  /** The next session is opened because the connection was lost. */
  reset(): void {
    this.#drop("reconnect");
  }

  #drop(reason: SessionReason): void {
    if (this.#current === undefined) return;
    this.#current = undefined;
    this.#reason = reason;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { api, onSession, sessionSeconds } = this.options;
    try {
      const wait = this.#lastOpenedAt + OPENINGS_APART_MS - Date.now();
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
      const askedAt = Date.now();
      const url = await this.#openOrExplain(api, signal);
      this.#current = { url, expiresAt: askedAt + sessionSeconds * 1000 };
      onSession({ reason: this.#reason, host: url.host, expiresAt: this.#current.expiresAt });
    } finally {
      // From its end, because finding the endpoint first may take a while.
      this.#lastOpenedAt = Date.now();
      this.#opening = undefined;
    }
  }

  async #openOrExplain(api: KvsApi, signal: AbortSignal): Promise<SessionUrl> {
    try {
      return await api.openHlsSession(this.#request(), signal);
    } catch (error) {
      throw await explain(error, api, signal);
    }
  }

  #request(): HlsRequest {
    const { clock, sessionSeconds } = this.options;
    return {
      PlaybackMode: "LIVE",
      HLSFragmentSelector: { FragmentSelectorType: clock === "producer" ? "PRODUCER_TIMESTAMP" : "SERVER_TIMESTAMP" },
      ContainerFormat: "FRAGMENTED_MP4",
      DiscontinuityMode: "ON_DISCONTINUITY",
      DisplayFragmentTimestamp: "ALWAYS",
      Expires: sessionSeconds,
      MaxMediaPlaylistFragmentResults: FRAGMENTS_LISTED,
    };
  }
}

/** "There is no such stream" and "it sent nothing in the last 30 seconds" are one and the same error code of the service. */
async function explain(error: unknown, api: KvsApi, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof FrameSourceError) || error.code !== "STREAM_NOT_FOUND") return error;
  const noMedia = new KVSConnectionError("the stream has no media: its camera sent nothing in the last 30 s", { code: "NO_MEDIA", retryable: true, cause: error.cause });
  try {
    await api.describeStream(signal);
    return noMedia;
  } catch (describeError) {
    signal.throwIfAborted();
    const isGone = describeError instanceof FrameSourceError && describeError.code === "STREAM_NOT_FOUND";
    if (isGone) return error;
    // Not allowed to ask: the words of the first answer must do.
    return /no fragments found/i.test(error.message) ? noMedia : error;
  }
}
