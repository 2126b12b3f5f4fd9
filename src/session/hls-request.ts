import type { Clock } from "../core/frame.js";
import type { HlsRequest } from "./api.js";

/** What every session is asked for, live or on demand, so that both speak of the same fragments in the same way. */
export const hlsRequest = (clock: Clock, sessionSeconds: number) =>
  ({
    HLSFragmentSelector: { FragmentSelectorType: clock === "producer" ? "PRODUCER_TIMESTAMP" : "SERVER_TIMESTAMP" },
    ContainerFormat: "FRAGMENTED_MP4",
    DiscontinuityMode: "ON_DISCONTINUITY",
    DisplayFragmentTimestamp: "ALWAYS",
    Expires: sessionSeconds,
  }) as const satisfies HlsRequest;
