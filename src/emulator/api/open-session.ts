import type { Camera } from "../camera/camera.js";
import { isPlayable } from "../camera/description.js";
import type { SessionOptions } from "../hls/session.js";
import { invalid, noFragments, ServiceError } from "../errors.js";
import type { OpenSessionInput } from "./schemas.js";

const HOUR_MS = 3_600_000;
const LONGEST_RANGE_MS = 24 * HOUR_MS;
/** A live session needs something this fresh. */
const LIVE_WITHIN_MS = 30_000;

/** Checks what GetHLSStreamingSessionURL asks for, in the order in which the service complains. */
export function sessionOptions(camera: Camera, input: OpenSessionInput, now: number): SessionOptions {
  const { PlaybackMode: mode, HLSFragmentSelector: selector, ContainerFormat, Expires } = input;
  if (ContainerFormat === "MPEG_TS") throw invalid("This emulator serves FRAGMENTED_MP4 only, not MPEG_TS.");
  const clock = selector.FragmentSelectorType === "PRODUCER_TIMESTAMP" ? "producer" : "server";
  const range = checkRange(input, now - camera.description.retentionHours * HOUR_MS, now);
  checkStream(camera);
  const options: SessionOptions = {
    mode,
    range: { clock, ...range },
    expiresAt: now + Expires * 1000,
    maxFragments: input.MaxMediaPlaylistFragmentResults ?? (mode === "ON_DEMAND" ? 1000 : 5),
    discontinuity: input.DiscontinuityMode ?? (clock === "server" ? "ALWAYS" : "NEVER"),
    showTimestamps: input.DisplayFragmentTimestamp === "ALWAYS",
  };
  if (!hasFragments(camera, options, now)) throw noFragments();
  return options;
}

function checkStream({ description }: Camera): void {
  if (description.retentionHours === 0) {
    throw new ServiceError("NoDataRetentionException", "The stream has no data retention: DataRetentionInHours is 0.");
  }
  if (!isPlayable(description)) {
    throw new ServiceError("UnsupportedStreamMediaTypeException", `Unsupported media type ${description.mediaType} in the first fragment.`);
  }
  if (!description.hasCodecPrivateData) {
    throw new ServiceError("MissingCodecPrivateDataException", "Missing codec private data in fragment for track 1.");
  }
}

function checkRange({ PlaybackMode: mode, HLSFragmentSelector: selector }: OpenSessionInput, headMs: number, now: number): { startMs: number; endMs: number } {
  const range = selector.TimestampRange;
  if (mode === "LIVE") {
    if (range !== undefined) throw invalid("TimestampRange must not be specified when PlaybackMode is LIVE.");
    return { startMs: -Infinity, endMs: Infinity };
  }
  const startMs = range?.StartTimestamp;
  const endMs = range?.EndTimestamp;
  if (startMs === undefined) throw invalid(`TimestampRange.StartTimestamp must be specified when PlaybackMode is ${mode}.`);
  if (endMs === undefined && mode === "ON_DEMAND") throw invalid("TimestampRange.EndTimestamp must be specified when PlaybackMode is ON_DEMAND.");
  if (endMs !== undefined && endMs <= startMs) throw invalid("EndTimestamp must be later than StartTimestamp.");
  if (endMs !== undefined && endMs - startMs > LONGEST_RANGE_MS) throw invalid("EndTimestamp must be within 24 hours of StartTimestamp.");
  if (selector.FragmentSelectorType === "SERVER_TIMESTAMP") {
    if (endMs !== undefined && endMs > now) throw invalid("EndTimestamp must be in the past for SERVER_TIMESTAMP.");
    if (startMs < headMs) throw invalid("StartTimestamp must be later than the stream head for SERVER_TIMESTAMP.");
  }
  return { startMs, endMs: endMs ?? Infinity };
}

function hasFragments(camera: Camera, { mode, range }: SessionOptions, now: number): boolean {
  if (mode !== "LIVE") return camera.range(range, now).next().done !== true;
  const newest = camera.recent(1, now)[0];
  return newest !== undefined && now - newest.ingestedAt <= LIVE_WITHIN_MS;
}
