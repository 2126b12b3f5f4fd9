import type { KvsHlsFrameSourceOptions } from "../../core/option-types.js";
import { resolveOptions } from "../../core/options.js";
import { Downloader } from "../../hls/download.js";
import { SessionReader } from "../../hls/reader.js";
import { KvsApi } from "../../session/api.js";
import { openConnections } from "../../session/connection.js";
import { environment } from "../environment.js";
import { measureLatency, watchForNext } from "./appearance.js";
import { Calls } from "./calls.js";
import { costOf, DEFAULT_PRICE_PER_GB, quotaOf } from "./cost.js";
import { measureClock, measureCoverage } from "./coverage.js";
import type { ProbeFacts, SessionFacts, StreamFacts } from "./facts.js";
import { listPlayable, listStored, type Listing, type ListingOptions } from "./listing.js";
import { measureMedia } from "./media.js";

export interface ProbeOptions extends Pick<KvsHlsFrameSourceOptions, "streamName" | "streamArn" | "region" | "profile" | "credentials" | "endpointUrl" | "signal"> {
  /** How far back to look for gaps, seconds. Default: 300. */
  readonly window?: number | undefined;
  /** US dollars for 10^9 bytes. Default: {@link DEFAULT_PRICE_PER_GB}. */
  readonly pricePerGb?: number | undefined;
  /** Time limit of the whole probe, seconds: what is not known by then is left out. Default: 20. */
  readonly timeout?: number | undefined;
}

/** Nothing can be learned in any other way: no reason to make a report. */
const CONFIGURATION = new Set(["NO_REGION", "NO_CREDENTIALS", "INVALID_REQUEST"]);

/**
 * Looks at a stream: API answers, playlists and sample tables, without decoding a picture. A call that fails is a fact like others.
 * @throws OptionError; FrameSourceError NO_REGION, NO_CREDENTIALS or INVALID_REQUEST; or the signal's reason
 */
export async function probe({ window = 300, pricePerGb = DEFAULT_PRICE_PER_GB, timeout = 20, ...stream }: ProbeOptions): Promise<ProbeFacts> {
  const { signal: interrupted, ...options } = resolveOptions({ ...stream, timeout });
  const overdue = AbortSignal.timeout(timeout * 1000);
  const signal = interrupted ? AbortSignal.any([interrupted, overdue]) : overdue;
  const connections = await openConnections(environment(), timeout * 1000);
  try {
    const probedAt = Date.now();
    const timeoutMs = timeout * 1000;
    const api = new KvsApi({ ...options, timeoutMs, connections });
    const calls = new Calls(interrupted, overdue);
    const facts = await inspect({ api, reader: new SessionReader(new Downloader(connections, timeoutMs)), calls, signal }, { windowMs: window * 1000, pricePerGb });
    const fault = calls.error();
    if (fault !== undefined && CONFIGURATION.has(fault.code) && facts.stream === null) throw fault;
    return { asked: options.streamArn ?? options.streamName ?? "", probedAt, tookMs: Date.now() - probedAt, ...facts, calls: calls.facts() };
  } finally {
    connections.close();
  }
}

interface Terms {
  readonly windowMs: number;
  readonly pricePerGb: number;
}

async function inspect(options: ListingOptions, { windowMs, pricePerGb }: Terms): Promise<Omit<ProbeFacts, "asked" | "probedAt" | "tookMs" | "calls">> {
  const { api, calls, signal } = options;
  const now = Date.now();
  const storing = listStored(options, now - windowMs);
  const [stream, stored, seen] = await Promise.all([
    calls.time("DescribeStream", () => describe(api, signal)),
    storing,
    listPlayable(options, storing, windowMs).then((listing) => look(listing, options)),
    // It makes pictures and is billed for them: whether it has an address must do.
    calls.time("GetImages", () => api.findEndpoint("GET_IMAGES", signal)),
  ]);
  const { listing, media, appearance } = seen;
  const clock = stored === undefined ? null : measureClock(stored);
  const pictures = media?.pictures ?? null;
  const sinceMs = Math.max(now - windowMs, stream?.createdAt ?? -Infinity);
  const coverage = measureCoverage({ stored, listed: listing?.fragments ?? [], intervalMs: pictures?.intervalMs.median || undefined, sinceMs });
  const fragmentMs = coverage?.fragmentMs.median;
  return {
    windowMs,
    stream: stream ?? null,
    session: listing ? sessionFacts(listing) : null,
    video: media?.video ?? null,
    pictures,
    coverage,
    clock,
    latency: appearance ? measureLatency(appearance, clock) : null,
    cost: pictures && fragmentMs !== undefined ? costOf(pictures, fragmentMs, pricePerGb) : null,
    quota: fragmentMs === undefined ? null : quotaOf(fragmentMs),
    bytesDownloaded: media?.bytes ?? 0,
  };
}

async function look(listing: Listing | undefined, options: ListingOptions) {
  if (listing === undefined) return { listing, media: undefined, appearance: undefined };
  const [media, appearance] = await Promise.all([measureMedia(listing, options), watchForNext(listing, options)]);
  return { listing, media, appearance };
}

async function describe(api: KvsApi, signal: AbortSignal): Promise<StreamFacts> {
  const info = await api.describeStream(signal);
  return {
    name: info.StreamName ?? null,
    arn: info.StreamARN ?? null,
    status: info.Status ?? null,
    mediaType: info.MediaType ?? null,
    retentionHours: info.DataRetentionInHours ?? null,
    encryptionKey: info.KmsKeyId ?? null,
    createdAt: info.CreationTime?.getTime() ?? null,
  };
}

function sessionFacts({ mode, session, fragments, codecs }: Listing): SessionFacts {
  const [first, last] = [fragments[0], fragments.at(-1)];
  const listedMs = first && last ? last.startMs + last.durationMs - first.startMs : 0;
  return { mode, host: session.host, fragmentsListed: fragments.length, listedMs, codecs };
}
