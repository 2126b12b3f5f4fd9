import type { Camera } from "../camera/camera.js";
import type { TimeRange } from "../camera/recording.js";
import type { Fragment } from "../camera/timeline.js";

/** The service lists what was ingested "immediately following", and does not say how late is too late. */
const SAME_UPLOAD_MS = 10_000;

/**
 * What an archive session lists of a range, in order of ingest. By the camera's clock: of footage sent again much later
 * only the first upload, and of fragments with the very same time only the one ingested last.
 * @param after the last one listed before
 */
export function archived(camera: Camera, range: TimeRange, now: number, after?: Fragment): Fragment[] {
  const byTime = new Map<number, Fragment>();
  let last = after;
  for (const fragment of camera.range(range, now, after?.index)) {
    if (after !== undefined && fragment.number <= after.number) continue;
    if (range.clock === "producer" && last !== undefined && !isSameUpload(last, fragment)) break;
    const time = fragment.startMs[range.clock];
    byTime.delete(time); // so that it moves to the end
    byTime.set(time, fragment);
    last = fragment;
  }
  return [...byTime.values()];
}

function isSameUpload(last: Fragment, next: Fragment): boolean {
  const progressMs = Math.max(0, next.exactMs.producer - last.exactMs.producer);
  return next.ingestedAt - last.ingestedAt <= progressMs + SAME_UPLOAD_MS;
}
