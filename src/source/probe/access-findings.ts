import type { ErrorCode } from "../../core/errors.js";
import type { CallFacts, CallFailure, ProbeFacts, StreamFacts } from "./facts.js";
import type { Finding } from "./findings.js";

const OPEN = "GetHLSStreamingSessionURL";

interface Trouble {
  readonly id: string;
  readonly text: string;
  readonly advice: string;
}

/** Failures that leave nothing to play, by their code. */
const TROUBLES: Readonly<Partial<Record<ErrorCode, Trouble>>> = {
  STREAM_NOT_FOUND: { id: "not-found", text: "there is no such stream", advice: "check its name, the region and the account" },
  NOT_AUTHORIZED: {
    id: "forbidden",
    text: "the caller may not play this stream",
    advice: "allow the actions kinesisvideo:GetDataEndpoint and kinesisvideo:GetHLSStreamingSessionURL, and check that the credentials are this account's and not expired",
  },
  NO_RETENTION: { id: "no-retention", text: "the stream keeps nothing, so HLS has nothing to play", advice: "give it a retention above 0 hours: aws kinesisvideo update-data-retention" },
  UNSUPPORTED_MEDIA: { id: "unsupported", text: "the service cannot play this media by HLS", advice: "the camera must send H.264 or H.265 video on track 1, with its codec private data; sound must be AAC" },
  MALFORMED_MEDIA: { id: "broken-media", text: "the media is broken", advice: "probe again; if it stays, check the camera's producer" },
  THROTTLED: { id: "throttled", text: "the service throttles requests for this stream", advice: "find out who else asks: 5 sessions may be opened at once and 1 a second; then try again" },
  UNREACHABLE: { id: "unreachable", text: "the service cannot be reached", advice: "check the network, the region, proxies and --endpoint-url" },
  TIMEOUT: { id: "timeout", text: "the service did not answer in time", advice: "check the network, or allow longer with --timeout" },
};
const OTHER: Trouble = { id: "service-error", text: "the service failed", advice: "try again; if it stays, check --endpoint-url and any proxies in between" };

/** Of streams in other states nothing can be read, nor said. */
export const isActive = ({ status }: StreamFacts): boolean => status === "ACTIVE" || status === "UPDATING";

/** What was tried and refused. */
export function accessFindings(facts: ProbeFacts): Finding[] {
  return [...playFindings(facts), ...statusFindings(facts), ...sideFindings(facts)];
}

/** What keeps the stream from being played at all, once. */
function playFindings({ calls, pictures }: ProbeFacts): Finding[] {
  const path = ["GetDataEndpoint", OPEN, "GetHLSMasterPlaylist", "GetHLSMediaPlaylist", "GetMP4InitFragment", "GetMP4MediaFragment"];
  const failed = path.flatMap((api) => calls.filter((call) => call.api === api)).find(({ error }) => error !== null && error.code !== "NO_MEDIA");
  if (!failed?.error) return [];
  const { id, text, advice } = TROUBLES[failed.error.code] ?? OTHER;
  // What is left of it is told where it is missed.
  if (pictures !== null && failed.api === "GetDataEndpoint") return [];
  if (pictures !== null) return [{ id: "unsteady", level: "warning", text: `${failed.api} failed now and then (${reason(failed.error)})`, advice: "probe again; if it stays, look at the network, and at who else reads the stream" }];
  return [{ id, level: "problem", text: `${text} (${failed.api}: ${reason(failed.error)})`, advice }];
}

function statusFindings({ stream }: ProbeFacts): Finding[] {
  if (stream === null || isActive(stream)) return [];
  return [{ id: "not-active", level: "problem", text: `the stream is ${stream.status ?? "in no known state"}, not ACTIVE`, advice: "wait until it is ACTIVE, or create it again" }];
}

/** Without these the stream can be read, but less is known of it. */
function sideFindings({ calls, session }: ProbeFacts): Finding[] {
  if (session === null) return [];
  const refused = (name: string): CallFacts | undefined => calls.find(({ api, error }) => api === name && error !== null && error.code !== "NO_MEDIA");
  const [list, describe] = [refused("ListFragments"), refused("DescribeStream")];
  const isListed = calls.some(({ api }) => api === "ListFragments");
  return [
    ...(list?.error || !isListed ? [blind("list-failed", "ListFragments", list?.error, "gaps beyond the live list, clock skew and the latency split are not known")] : []),
    ...(describe?.error ? [blind("describe-failed", "DescribeStream", describe.error, "retention and status are not known, nor can a stream that is gone be told from a silent one")] : []),
  ];
}

const blind = (id: string, api: string, error: CallFailure | null | undefined, loss: string): Finding => ({
  id,
  level: "warning",
  text: `${api} failed (${error ? reason(error) : "not tried"}): ${loss}`,
  advice: error?.code === "NOT_AUTHORIZED" ? `allow the action kinesisvideo:${api}` : "try again",
});

export const reason = ({ name, status, code }: CallFailure): string => [name ?? code, ...(status === null ? [] : [status])].join(" ");
