import type { EventListener } from "../../core/events.js";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import type { Links } from "../connect.js";
import type { Listings } from "./listings.js";
import type { Stills } from "./stills.js";

/** What every way to a picture needs. */
export interface Taking {
  readonly options: ResolvedSnapshotOptions;
  readonly links: Links;
  readonly listings: Listings;
  readonly stills: Stills;
  readonly signal: AbortSignal;
  readonly emit: EventListener;
}
