import { errorReply } from "../errors.js";
import type { Astray } from "../hls/session.js";
import type { RequestFacts, ResponseOverride } from "../http/override.js";
import { corruptSamples, withoutFirstSample } from "./fragment-bytes.js";
import { cutAfter, drip, part, stallAfter } from "./pace.js";
import type { Fault, FaultKind } from "./schema.js";

const ANY = undefined;
const FRAGMENT = "GetMP4MediaFragment";
const PLAYLIST = "GetHLSMediaPlaylist";

/** The kinds that hit requests, and which ones if they do not say. */
const OPERATIONS = {
  "status": ANY, "reset": ANY, "stall": ANY,
  "reset-body": FRAGMENT, "drip": FRAGMENT, "truncate": FRAGMENT, "empty": FRAGMENT, "corrupt": FRAGMENT, "non-key": FRAGMENT,
  "malformed": PLAYLIST, "frozen": PLAYLIST, "jump": PLAYLIST,
} as const satisfies Partial<Record<FaultKind, string | undefined>>;

export type RequestFault = Extract<Fault, { kind: keyof typeof OPERATIONS }>;

export const isOnRequests = (fault: Fault): fault is RequestFault => Object.hasOwn(OPERATIONS, fault.kind);

/** What a fault does to a request. */
export interface Effect {
  readonly kind: FaultKind;
  readonly override: ResponseOverride;
  readonly astray?: Astray;
}

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

/** @param at when the fault began */
export function concerns(fault: RequestFault, at: number, { operation, streamName, sessionMode, sessionOpenedAt = Infinity }: RequestFacts): boolean {
  if (fault.stream !== undefined && fault.stream !== streamName) return false;
  if ((fault.kind === "frozen" || fault.kind === "jump") && sessionMode !== "LIVE") return false;
  if (fault.kind === "frozen" && sessionOpenedAt > at) return false;
  const wanted = ("operation" in fault ? fault.operation : undefined) ?? OPERATIONS[fault.kind];
  return operation !== undefined && (wanted === undefined || wanted === operation);
}

/** @param until when the fault ends */
export function effectOf(fault: RequestFault, request: RequestFacts, { at, until }: { readonly at: number; readonly until: number }): Effect {
  const { kind } = fault;
  if (kind === "frozen") return { kind, override: {}, astray: { asOf: at } };
  if (kind === "jump") return { kind, override: {}, astray: { isSlidOut: true } };
  return { kind, override: overrideBy(fault, request, until - request.at) };
}

function overrideBy(fault: Exclude<RequestFault, { kind: "frozen" | "jump" }>, { fragment = "", query }: RequestFacts, restMs: number): ResponseOverride {
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
