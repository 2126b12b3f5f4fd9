import type { Camera, TimeRange } from "../camera/camera.js";
import type { Fragment } from "../camera/timeline.js";

/** Gives the fragments that have become due since it was last asked. */
export type Feed = (now: number) => Fragment[];

/** Fragments as they are ingested, after the newest `count`. */
export function liveFeed(camera: Camera, count: number): Feed {
  let newest: number | undefined;
  return (now) => {
    const due = newest === undefined ? camera.recent(count, now) : [...camera.ingested(newest + 1, now)];
    newest = due.at(-1)?.index ?? newest;
    return due;
  };
}

/** The first `count` fragments of the range at once, then each when its own duration has gone by. */
export function replayFeed(camera: Camera, range: TimeRange, count: number, openedAt: number): Feed {
  let given = 0;
  let dueAt = openedAt;
  let position = range;
  return (now) => {
    const due: Fragment[] = [];
    for (const fragment of camera.range(position, now)) {
      const nextDueAt = given < count ? openedAt : dueAt + fragment.durationMs;
      if (nextDueAt > now) break;
      dueAt = nextDueAt;
      given++;
      position = { ...range, startMs: fragment.startMs[range.clock] + 1 };
      due.push(fragment);
    }
    return due;
  };
}

/** The oldest `count` fragments of the range, once. */
export function archiveFeed(camera: Camera, range: TimeRange, count: number): Feed {
  let isGiven = false;
  return (now) => {
    const due: Fragment[] = [];
    if (isGiven) return due;
    isGiven = true;
    for (const fragment of camera.range(range, now)) {
      if (due.push(fragment) === count) break;
    }
    return due;
  };
}
