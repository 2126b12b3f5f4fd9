import type { RequestFacts, ResponseOverride } from "../http/override.js";
import { concerns, overrideBy } from "./request-faults.js";
import type { Fault } from "./schema.js";

/** A fault in time. */
export interface ScheduledFault {
  readonly fault: Fault;
  /** Unix epoch, milliseconds. */
  readonly at: number;
  /** Infinity: for good, or until it has hit often enough. */
  readonly until: number;
  /** Requests hit so far. */
  readonly hits: number;
}

/** What goes wrong, and when. */
export class FaultScript {
  readonly scheduled: (ScheduledFault & { hits: number })[] = [];

  /** @param from what the fault's own time counts from, Unix epoch in milliseconds */
  add(fault: Fault, from: number): ScheduledFault {
    const at = from + fault.at;
    const until = "for" in fault && fault.for !== undefined ? at + fault.for : Infinity;
    const scheduled = { fault, at, until, hits: 0 };
    this.scheduled.push(scheduled);
    return scheduled;
  }

  /** What the first fault that hits the request does to it. */
  hit(request: RequestFacts): { readonly kind: string; readonly override: ResponseOverride } | undefined {
    const found = this.scheduled.find(({ fault, at, until, hits }) =>
      request.at >= at && request.at < until && hits < (("times" in fault ? fault.times : undefined) ?? Infinity) && concerns(fault, request));
    if (found === undefined) return undefined;
    found.hits++;
    return { kind: found.fault.kind, override: overrideBy(found.fault, request, found.until - request.at) };
  }
}
