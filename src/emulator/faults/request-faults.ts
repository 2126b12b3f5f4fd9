import { errorReply } from "../errors.js";
import type { RequestFacts, ResponseOverride } from "../http/override.js";
import { corruptSamples, withoutFirstSample } from "./fragment-bytes.js";
import { cutAfter, drip, part, stallAfter } from "./pace.js";
import type { Fault, FaultKind } from "./schema.js";

/** What a fault of these kinds hits if it does not say. */
const DEFAULT_OPERATIONS: Partial<Readonly<Record<FaultKind, string>>> = {
  "reset-body": "GetMP4MediaFragment",
  "drip": "GetMP4MediaFragment",
  "truncate": "GetMP4MediaFragment",
  "empty": "GetMP4MediaFragment",
  "corrupt": "GetMP4MediaFragment",
  "non-key": "GetMP4MediaFragment",
  "malformed": "GetHLSMediaPlaylist",
};

/** Errors of the service where the status alone is given. */
const ERRORS: Readonly<Record<number, string>> = {
  400: "ClientLimitExceededException",
  401: "NotAuthorizedException",
  403: "NotAuthorizedException",
  404: "ResourceNotFoundException",
  429: "ClientLimitExceededException",
  500: "InternalFailure",
  503: "ServiceUnavailable",
};

export function concerns(fault: Fault, { operation, streamName }: RequestFacts): boolean {
  if (fault.stream !== undefined && fault.stream !== streamName) return false;
  const wanted = ("operation" in fault ? fault.operation : undefined) ?? DEFAULT_OPERATIONS[fault.kind];
  return operation !== undefined && (wanted === undefined || wanted === operation);
}

/** @param restMs how long the fault lasts yet */
export function overrideBy(fault: Fault, { fragment = "", query }: RequestFacts, restMs: number): ResponseOverride {
  switch (fault.kind) {
    case "status": {
      const { status, error: name = ERRORS[status] ?? "InternalFailure", message = "An emulated fault." } = fault;
      return errorReply({ name, message, status });
    }
    case "reset":
      return { destroy: true };
    case "reset-body":
      return { pace: cutAfter(fault.afterBytes) };
    case "stall":
      return fault.afterBytes === undefined ? { delayMs: restMs } : { pace: stallAfter(fault.afterBytes, restMs) };
    case "drip":
      return { pace: drip(fault.bytesPerSecond) };
    case "truncate":
      return { body: (body) => part(body, fault.afterBytes) };
    case "empty":
      return { body: "" };
    case "corrupt":
      return { body: (body) => corruptSamples(body, fault.bytes, `${fault.seed}/${fragment}/${query.get("TrackNumber")}`) };
    case "non-key":
      return { body: withoutFirstSample };
    case "malformed":
      return { body: fault.body };
  }
}
