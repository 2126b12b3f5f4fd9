import type { OddityFacts } from "./oddities.js";
import type { ErrorCode } from "../../core/errors.js";
import type { VideoDescription } from "../../media/description.js";

/** Smallest, middle and largest of some values. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** A stretch of time: Unix epoch, milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly lengthMs: number;
}

export interface CallFailure {
  readonly code: ErrorCode;
  /** As the service calls it; null where it said nothing. */
  readonly name: string | null;
  /** Of HTTP; null without an answer. */
  readonly status: number | null;
  readonly message: string;
}

/** One operation of the service, and how it went. */
export interface CallFacts {
  readonly api: string;
  readonly count: number;
  /** How long the middle one took, milliseconds. */
  readonly ms: number;
  /** The first failure; null where all went well. */
  readonly error: CallFailure | null;
}

export interface StreamFacts {
  readonly name: string | null;
  readonly arn: string | null;
  readonly status: string | null;
  readonly mediaType: string | null;
  readonly retentionHours: number | null;
  readonly encryptionKey: string | null;
  readonly createdAt: number | null;
}

export interface SessionFacts {
  readonly mode: "live" | "archive";
  readonly host: string;
  readonly fragmentsListed: number;
  /** From the start of the oldest fragment listed to the end of the newest. */
  readonly listedMs: number;
  /** Of all tracks, as the master playlist has them. */
  readonly codecs: readonly string[];
}

/** Measured on the samples of a few fragments. */
export interface PictureFacts {
  readonly fragments: number;
  readonly pictures: number;
  /** Footage that was measured: Unix epoch, milliseconds. */
  readonly from: number;
  readonly to: number;
  /** 0 with a single picture. */
  readonly fps: number;
  /** Between pictures, milliseconds. */
  readonly intervalMs: Spread;
  /** Standard deviation of the intervals, milliseconds. */
  readonly intervalJitterMs: number;
  readonly isVariableRate: boolean;
  /** null with fewer than two key frames. */
  readonly keyIntervalMs: Spread | null;
  /** Pictures that are decoded ahead of their turn: B-frames. */
  readonly isReordered: boolean;
  /** How many pictures a decoder must hold back for that. */
  readonly reorderDepth: number;
  /** Fragments that do not begin with a key frame. */
  readonly fragmentsWithoutKeyFirst: number;
  readonly bitsPerSecond: number;
  /** Up to the end of the first key frame, on average over the fragments. */
  readonly keyBytes: number;
  /** Of a fragment, on average. */
  readonly fragmentBytes: number;
  /** Another init segment is in the list: another size, or other codec data. */
  readonly hasInitChange: boolean;
  readonly oddities: OddityFacts;
}

export interface CoverageFacts {
  /** The service's index of fragments, or only what the session lists. */
  readonly source: "index" | "playlist";
  /** What was looked at: Unix epoch, milliseconds, the camera's clock. */
  readonly from: number;
  readonly to: number;
  readonly fragments: number;
  readonly fragmentMs: Spread;
  readonly gaps: readonly Stretch[];
  readonly overlaps: readonly Stretch[];
  /** With all tracks; null where only the playlist is known. */
  readonly storedBitsPerSecond: number | null;
  /** End of the newest fragment, the camera's clock. */
  readonly newestEnd: number;
}

/** The camera's clock against the service's. */
export interface ClockFacts {
  readonly fragments: number;
  /** How far the camera's clock is ahead; the way to the service makes it seem behind by as much as it takes. Milliseconds. */
  readonly skewMs: number;
  /** Standard deviation around the line, milliseconds. */
  readonly jitterMs: number;
  /** How fast the skew grows, parts per million, and its standard error; null where too little was seen. */
  readonly driftPpm: number | null;
  readonly driftErrorPpm: number | null;
  /** The largest change of the skew from one fragment to the next, milliseconds; 0 where it was never set. */
  readonly stepMs: number;
}

export interface LatencyFacts {
  /** A fragment was seen to appear; else these are the most it can be. */
  readonly isExact: boolean;
  /** From the camera's clock to the service's; null where that is not known, or is the clock's fault for sure. Milliseconds. */
  readonly cameraToServiceMs: number | null;
  /** From the end of a fragment, at the service, to its being listed here. Milliseconds. */
  readonly serviceToUsMs: number | null;
  /** From the end of a fragment to its being listed here. Milliseconds. */
  readonly totalMs: number;
  /** The same, or without a fragment that appeared what it is for sure. Milliseconds. */
  readonly atLeastMs: number;
}

export interface CostLine {
  readonly bytesPerDay: number;
  readonly pricePerDay: number;
}

export interface CostFacts {
  /** US dollars for 10^9 bytes. */
  readonly pricePerGb: number;
  readonly everyFrame: CostLine;
  /** One key frame of each fragment, read no further than it, as `pull --sampling keyframe` does. */
  readonly keyFrames: CostLine;
  /** A fragment a minute. */
  readonly oneAMinute: CostLine;
}

/** What reading live takes of the service's limits, which are of 2020 and not confirmed since. */
export interface QuotaFacts {
  readonly fragmentsPerSecond: number;
  readonly fragmentLimit: number;
  readonly playlistsPerSecond: number;
  readonly playlistLimit: number;
  /** How much faster than it was recorded the archive can be read. */
  readonly catchUp: number;
}

/** All that a probe found out. Times are Unix epoch milliseconds, what ends in Ms are milliseconds; null: not known. */
export interface ProbeFacts {
  /** The stream's name or ARN, as given. */
  readonly asked: string;
  readonly probedAt: number;
  readonly tookMs: number;
  readonly windowMs: number;
  readonly calls: readonly CallFacts[];
  readonly stream: StreamFacts | null;
  readonly session: SessionFacts | null;
  readonly video: VideoDescription | null;
  readonly pictures: PictureFacts | null;
  readonly coverage: CoverageFacts | null;
  readonly clock: ClockFacts | null;
  readonly latency: LatencyFacts | null;
  readonly cost: CostFacts | null;
  readonly quota: QuotaFacts | null;
  /** Bytes of media that the probe itself received: what the service bills. */
  readonly bytesDownloaded: number;
}
