import type { FrameSourceError } from "../core/errors.js";
import type { SessionUrl } from "../core/session-url.js";
import { explainAbsence } from "./absence.js";
import type { HlsRequest, KvsApi } from "./api.js";
import { pause, retryingBriefly } from "./retries.js";

/** The service lets a stream open one session a second. */
const OPENINGS_APART_MS = 1000;

/** Opens the sessions of one stream, live and on demand, one after the other and no faster than the service allows. */
export class Openings {
  #lastEndedAt = -Infinity;
  #tail: Promise<unknown> = Promise.resolve();

  /** @param onFailed called with each failure after which the service is asked again at once */
  constructor(
    private readonly api: KvsApi,
    private readonly onFailed: (error: FrameSourceError) => void = () => undefined,
  ) {}

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
    try {
      return await retryingBriefly(() => this.#openOnce(request, signal), signal, this.onFailed);
    } catch (error) {
      throw await explainAbsence(error, this.api, whenEmpty, signal);
    }
  }

  async #openOnce(request: HlsRequest, signal: AbortSignal): Promise<SessionUrl> {
    await pause(this.#lastEndedAt + OPENINGS_APART_MS - Date.now(), signal);
    try {
      return await this.api.openHlsSession(request, signal);
    } finally {
      // From its end, because finding the endpoint first may take a while.
      this.#lastEndedAt = Date.now();
    }
  }
}
