import type { EventListener } from "../../core/events.js";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import type { ServiceLinks } from "../connect.js";
import type { Listings } from "./listings.js";
import type { Stills } from "./stills.js";

/** What every way to a picture needs. */
export interface Taking {
  readonly options: ResolvedSnapshotOptions;
  readonly links: ServiceLinks;
  readonly listings: Listings;
  readonly stills: Stills;
  readonly signal: AbortSignal;
  readonly emit: EventListener;
}
