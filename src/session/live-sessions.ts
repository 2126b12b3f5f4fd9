import type { SessionReason } from "../core/events.js";
import type { Clock } from "../core/frame.js";
import type { SessionUrl } from "../core/session-url.js";
import { hlsRequest } from "./hls-request.js";
import type { Openings } from "./openings.js";

export interface LiveSessionOptions {
  readonly openings: Openings;
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
/** After a renewal failed while the old session still serves, milliseconds. */
const RENEWALS_APART_MS = 5000;

/**
 * The live sessions of one stream, one after the other. The next one is opened ahead of the last one's end while that still
 * serves, so that no reader ever waits for it.
 */
export class LiveSessions {
  #current: LiveSession | undefined;
  #opening: Promise<void> | undefined;
  #reason: SessionReason = "start";
  #renewNotBefore = -Infinity;

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
    if (this.#isDue(current)) {
      this.#reason = "refresh";
      this.#opening ??= this.#open(signal);
      // The old session still serves: a failure matters only when it does no more, and then it is met again.
      this.#opening.catch(() => (this.#renewNotBefore = Date.now() + RENEWALS_APART_MS));
    }
    return current.url;
  }

  /** The service refused this session, which may be before its time: ten newer ones on the stream end it. */
  reportExpired(url: SessionUrl): void {
    if (this.#current?.url === url) this.#drop("expired");
  }

  /** The list of this session has stood still for long: only a new one tells whether the camera does. */
  reportStill(url: SessionUrl): void {
    if (this.#current?.url === url) this.#drop("still");
  }

  /** The next session is opened because the last one ended, or the connection was lost. */
  reset(reason: "expired" | "reconnect"): void {
    this.#drop(reason);
  }

  #isDue({ expiresAt }: LiveSession): boolean {
    const now = Date.now();
    return expiresAt - this.options.refreshMarginMs <= now && this.#renewNotBefore <= now;
  }

  #drop(reason: SessionReason): void {
    if (this.#current === undefined) return;
    this.#current = undefined;
    this.#reason = reason;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { openings, onSession, clock, sessionSeconds } = this.options;
    try {
      const askedAt = Date.now();
      const request = { ...hlsRequest(clock, sessionSeconds), PlaybackMode: "LIVE" as const, MaxMediaPlaylistFragmentResults: FRAGMENTS_LISTED };
      const url = await openings.open(request, "the stream has no media: its camera sent nothing in the last 30 s", signal);
      this.#current = { url, expiresAt: askedAt + sessionSeconds * 1000 };
      onSession({ reason: this.#reason, host: url.host, expiresAt: this.#current.expiresAt });
    } finally {
      this.#opening = undefined;
    }
  }
}
