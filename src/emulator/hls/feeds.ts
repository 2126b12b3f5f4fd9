import type { Camera } from "../camera/camera.js";
import type { TimeRange } from "../camera/recording.js";
import type { Fragment } from "../camera/timeline.js";
import { archived } from "./archived.js";

/** Gives the fragments that have become due since it was last asked. */
export type Feed = (now: number) => Fragment[];

/** Fragments as they are ingested, after the newest `count`. */
export function liveFeed(camera: Camera, count: number): Feed {
  let newest: Fragment | undefined;
  return (now) => {
    const due = newest === undefined ? camera.recent(count, now) : [...camera.ingestedAfter(newest, now)];
    newest = due.at(-1) ?? newest;
    return due;
  };
}

/** The first `count` fragments of the range at once, then each when its own duration has gone by. */
export function replayFeed(camera: Camera, range: TimeRange, count: number, openedAt: number): Feed {
  let given = 0;
  let dueAt = openedAt;
  let last: Fragment | undefined;
  return (now) => {
    const due: Fragment[] = [];
    for (const fragment of archived(camera, range, now, last)) {
      const nextDueAt = given < count ? openedAt : dueAt + fragment.durationMs;
      if (nextDueAt > now) break;
      dueAt = nextDueAt;
      given++;
      last = fragment;
      due.push(fragment);
    }
    return due;
  };
}

/** The oldest `count` fragments of the range, once. */
export function archiveFeed(camera: Camera, range: TimeRange, count: number): Feed {
  let isGiven = false;
  return (now) => {
    if (isGiven) return [];
    isGiven = true;
    return archived(camera, range, now).slice(0, count);
  };
}
