import { FrameSourceError } from "../core/errors.js";
import type { Clock } from "../core/frame.js";
import type { SessionUrl } from "../core/session-url.js";
import type { KvsApi } from "./api.js";
import { hlsRequest } from "./hls-request.js";
import type { Openings } from "./openings.js";

export interface ArchiveSessionOptions {
  readonly api: KvsApi;
  readonly openings: Openings;
  readonly clock: Clock;
  /** Life to ask for, seconds. */
  readonly sessionSeconds: number;
  readonly onSession: (session: { reason: "archive"; host: string; expiresAt: number }) => void;
}

/** Times by the session's clock, both compared with the start of a fragment, both inclusive: Unix epoch, milliseconds. */
export interface ArchiveRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
/** What the service takes for a range. */
const LONGEST_RANGE_MS = 24 * HOUR_MS;
/** It lists the oldest of the range; so many can be fetched well within a session's life at ten a second. */
const FRAGMENTS_LISTED = 1000;
/** No stream with a retention keeps less than this. */
const SHORTEST_RETENTION_MS = HOUR_MS;
/** What is this close to being thrown away may be gone by the time it is asked for. */
const ABOUT_TO_GO_MS = 10_000;

/** Sessions over stretches of the past: each lists the oldest fragments of its range once and for all. */
export class ArchiveSessions {
  readonly longestRangeMs = LONGEST_RANGE_MS;
  readonly isInOrderOfTime: boolean;
  readonly fragmentsListed = FRAGMENTS_LISTED;

  constructor(private readonly options: ArchiveSessionOptions) {
    this.isInOrderOfTime = options.clock === "server";
  }

  /**
   * @returns undefined when nothing is stored there
   * @throws KVSConnectionError, or the signal's reason
   */
  async open({ fromMs, toMs }: ArchiveRange, signal: AbortSignal): Promise<SessionUrl | undefined> {
    const { openings, clock, sessionSeconds, onSession } = this.options;
    const { HLSFragmentSelector: selector, ...rest } = hlsRequest(clock, sessionSeconds);
    const range = { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) };
    const request = { ...rest, PlaybackMode: "ON_DEMAND" as const, HLSFragmentSelector: { ...selector, TimestampRange: range }, MaxMediaPlaylistFragmentResults: FRAGMENTS_LISTED };
    try {
      const askedAt = Date.now();
      const url = await openings.open(request, "nothing is stored in that time", signal);
      onSession({ reason: "archive", host: url.host, expiresAt: askedAt + sessionSeconds * 1000 });
      return url;
    } catch (error) {
      if (error instanceof FrameSourceError && error.code === "NO_MEDIA") return undefined;
      throw error;
    }
  }

  /**
   * Since when the service keeps what it was sent, as far as that matters to whoever asks for `fromMs`: Unix epoch,
   * milliseconds. -Infinity when the caller may not ask.
   */
  async keptSince(fromMs: number, signal: AbortSignal): Promise<number> {
    if (Date.now() - fromMs < SHORTEST_RETENTION_MS) return -Infinity;
    try {
      const { DataRetentionInHours: hours } = await this.options.api.describeStream(signal);
      return hours ? Date.now() - hours * HOUR_MS + ABOUT_TO_GO_MS : -Infinity;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FrameSourceError) return -Infinity;
      throw error;
    }
  }
}
