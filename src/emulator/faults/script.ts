import type { Camera } from "../camera/camera.js";
import type { Sessions } from "../hls/sessions.js";
import type { RequestFacts } from "../http/override.js";
import { applyToCamera } from "./camera-faults.js";
import { concerns, effectOf, isOnRequests, type Effect } from "./request-faults.js";
import type { Fault } from "./schema.js";
import { isOnSessions, strikeSessions } from "./session-faults.js";

/** A fault in time. */
export interface ScheduledFault {
  readonly fault: Fault;
  /** Unix epoch, milliseconds. */
  readonly at: number;
  /** Infinity: for good, or until it has hit often enough. */
  readonly until: number;
  /** Requests hit so far; 1 for sessions that were ended. */
  readonly hits: number;
}

/** What goes wrong, and when. */
export class FaultScript {
  readonly scheduled: (ScheduledFault & { hits: number })[] = [];

  constructor(private readonly cameras: ReadonlyMap<string, Camera>) {}

  /** @param from what the fault's own time counts from, Unix epoch in milliseconds */
  add(fault: Fault, from: number): ScheduledFault {
    const at = from + fault.at;
    const until = "for" in fault && fault.for !== undefined ? at + fault.for : Infinity;
    const scheduled = { fault, at, until, hits: 0 };
    this.scheduled.push(scheduled);
    for (const camera of this.#camerasOf(fault)) applyToCamera(fault, camera, scheduled);
    return scheduled;
  }

  /** Carries out what has become due since the last request: nobody can have noticed in between. */
  strike(sessions: Sessions, now: number): void {
    for (const scheduled of this.scheduled) {
      const { fault, at, hits } = scheduled;
      if (!isOnSessions(fault) || hits > 0 || at > now) continue;
      scheduled.hits++;
      for (const camera of this.#camerasOf(fault)) strikeSessions(fault, sessions, camera, at);
    }
  }

  /** What the first fault that hits the request does to it. */
  hit(request: RequestFacts): Effect | undefined {
    const found = this.scheduled.find(({ fault, at, until, hits }) => {
      const isUsedUp = "times" in fault && fault.times !== undefined && hits >= fault.times;
      return request.at >= at && request.at < until && !isUsedUp && isOnRequests(fault) && concerns(fault, at, request);
    });
    if (found === undefined || !isOnRequests(found.fault)) return undefined;
    found.hits++;
    return effectOf(found.fault, request, found);
  }

  #camerasOf({ stream }: Fault): Camera[] {
    return [...this.cameras.values()].filter(({ name }) => stream === undefined || stream === name);
  }
}
