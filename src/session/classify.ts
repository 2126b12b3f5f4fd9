import { FrameSourceError, KVSConnectionError, type ErrorCode } from "../core/errors.js";
import { ProxyError } from "./tunnel.js";

interface Verdict {
  readonly code: ErrorCode;
  readonly retryable?: boolean;
  /** What happened, where the library's own words are for its developers. */
  readonly what?: string;
  /** What to do about it. */
  readonly advice?: string;
}

const NOT_ALLOWED: Verdict = { code: "NOT_AUTHORIZED", advice: "check the credentials and their permission kinesisvideo:GetDataEndpoint, kinesisvideo:GetHLSStreamingSessionURL, kinesisvideo:DescribeStream, for what is stored kinesisvideo:ListFragments and for a list of streams kinesisvideo:ListStreams" };
const THROTTLED: Verdict = { code: "THROTTLED", retryable: true };
const UNREACHABLE: Verdict = { code: "UNREACHABLE", retryable: true, advice: "check the network, the region and --endpoint-url" };
const UNDECODABLE: Verdict = { code: "UNSUPPORTED_MEDIA", advice: "the stream must carry H.264 or H.265 video on track 1, with its codec private data" };
const NO_CREDENTIALS: Verdict = { code: "NO_CREDENTIALS", advice: "name a profile that has them (--profile, AWS_PROFILE), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI" };
const UNSENDABLE: Verdict = { code: "NO_CREDENTIALS", what: "the credentials hold a character that cannot be sent, such as a line end", advice: "check the access key id and the session token" };
const TOO_LATE: Verdict = { code: "TIMEOUT", retryable: true, what: "no answer in time", advice: "check the network, the region and --endpoint-url, or allow longer with --timeout" };
const REFUSED_BY_PROXY: Verdict = { code: "PROXY_REFUSED", what: "a proxy in between requires a user name and password (status 407)", advice: "put them in HTTP_PROXY, as http://user:password@host:port" };
const NOT_OURS: Verdict = { code: "SERVICE_ERROR", advice: "check --endpoint-url and any proxies in between" };

/** By the error's name, as the service's models and the SDK give it. */
const BY_NAME: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ["ResourceNotFoundException", { code: "STREAM_NOT_FOUND", advice: "check its name, the region and the account" }],
  ["NoDataRetentionException", { code: "NO_RETENTION", advice: "HLS needs stored media: give the stream a retention above 0 hours (aws kinesisvideo update-data-retention)" }],
  ["UnsupportedStreamMediaTypeException", UNDECODABLE],
  ["MissingCodecPrivateDataException", UNDECODABLE],
  ["InvalidCodecPrivateDataException", UNDECODABLE],
  ["InvalidArgumentException", { code: "INVALID_REQUEST" }],
  ["ValidationException", { code: "INVALID_REQUEST" }],
  ["NotAuthorizedException", NOT_ALLOWED],
  ["AccessDeniedException", NOT_ALLOWED],
  ["UnrecognizedClientException", NOT_ALLOWED],
  ["InvalidSignatureException", NOT_ALLOWED],
  ["SignatureDoesNotMatch", NOT_ALLOWED],
  ["IncompleteSignatureException", NOT_ALLOWED],
  ["MissingAuthenticationTokenException", NOT_ALLOWED],
  ["InvalidClientTokenId", NOT_ALLOWED],
  ["ExpiredTokenException", { code: "NOT_AUTHORIZED", advice: "the credentials have expired: renew them" }],
  // The SDK does not know this one for a throttle and gives up at once.
  ["ClientLimitExceededException", THROTTLED],
  ["AccountStreamLimitExceededException", THROTTLED],
  ["StreamLimitExceededException", THROTTLED],
  ["ConnectionLimitExceededException", THROTTLED],
  ["ThrottlingException", THROTTLED],
  ["Throttling", THROTTLED],
  ["TooManyRequestsException", THROTTLED],
  ["RequestLimitExceeded", THROTTLED],
  ["CredentialsProviderError", NO_CREDENTIALS],
  ["TokenProviderError", NO_CREDENTIALS],
  ["TimeoutError", TOO_LATE],
  ["OversizeError", { ...NOT_OURS, retryable: true }],
]);

const BY_SYSTEM_CODE: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EPIPE", "EHOSTUNREACH", "ENETUNREACH", "EPROTO"]);
/** Certificates that are not trusted, and answers that are no TLS or no HTTP. */
const BROKEN_TALK = /^(CERT_|ERR_SSL_|ERR_TLS_|HPE_|UNABLE_TO_)|SELF_SIGNED/;

/** Turns whatever an AWS client threw into one of ours; `doing` is what failed, such as `cannot open a session of stream "x"`. */
export function classify(error: unknown, doing: string): FrameSourceError {
  if (error instanceof FrameSourceError) return error;
  const { name, message, code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
  // First the system's own word: the SDK calls a reset connection a TimeoutError too.
  const verdict = byProxy(error) ?? bySystemCode(code) ?? BY_NAME.get(name) ?? bySymptom(message, $metadata?.httpStatusCode);
  if (verdict === undefined) throw error; // no failure of a request, so a fault of ours
  const advice = verdict.advice === undefined ? "" : `; ${verdict.advice}`;
  return new KVSConnectionError(`${doing}: ${verdict.what ?? plain(name, message)}${advice}`, { code: verdict.code, retryable: verdict.retryable ?? false, cause: error });
}

const byProxy = (error: unknown): Verdict | undefined =>
  error instanceof ProxyError ? { code: error.isRefusal ? "PROXY_REFUSED" : "UNREACHABLE", retryable: !error.isRefusal } : undefined;

function bySystemCode(code: string | undefined): Verdict | undefined {
  if (code === "ETIMEDOUT") return TOO_LATE;
  if (code === "ERR_INVALID_CHAR") return UNSENDABLE;
  return code !== undefined && (BY_SYSTEM_CODE.has(code) || BROKEN_TALK.test(code)) ? UNREACHABLE : undefined;
}

function bySymptom(message: string, status: number | undefined): Verdict | undefined {
  if (/region (is missing|not accepted)/i.test(message)) return { code: "NO_REGION", advice: "give --region, or set AWS_REGION or a region in the AWS config file" };
  if (status === 407) return REFUSED_BY_PROXY;
  if (status !== undefined && /deserialization error/i.test(message)) {
    return { ...NOT_OURS, retryable: isWorthAnotherTry(status), what: `the answer (status ${status}) did not come from Kinesis Video Streams` };
  }
  if (status === 401 || status === 403) return NOT_ALLOWED;
  if (status === 429) return THROTTLED;
  if (status !== undefined) return { code: "SERVICE_ERROR", retryable: isWorthAnotherTry(status) };
  return undefined;
}

const isWorthAnotherTry = (status: number): boolean => status >= 500 || status === 200;

/** The service's own words, on one line and without its full stop; an AggregateError has none. */
function plain(name: string, message: string): string {
  const text = message.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return text === "" || text === "UnknownError" ? name : text;
}
