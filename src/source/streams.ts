import type { StreamInfo } from "@aws-sdk/client-kinesis-video";
import type { AccessOptions } from "../core/option-types.js";
import { resolveAccessOptions } from "../core/options.js";
import { KvsApi } from "../session/api.js";
import { openConnections } from "../session/connection.js";
import { retryingBriefly } from "../session/retries.js";
import { environment } from "./environment.js";

/** A stream of an account, as the service lists it. */
export interface ListedStream {
  readonly name: string;
  readonly arn: string;
  /** ACTIVE, CREATING, UPDATING or DELETING. */
  readonly status: string;
  /** Unix epoch, milliseconds; null where the service does not say. */
  readonly createdAt: number | null;
  /** How long media are kept, hours; HLS needs some. */
  readonly retentionHours: number;
  /** Such as "video/h264"; null where nobody said. */
  readonly mediaType: string | null;
}

export interface StreamsOptions extends AccessOptions {
  /** Only streams whose names begin so. */
  readonly prefix?: string | undefined;
}

/** The most that the service gives a page. */
const A_PAGE = 10_000;

/**
 * Lists the streams of an account in a region, page by page, in the service's order.
 * @throws OptionError; KVSConnectionError; or the reason of the `signal` option
 */
export async function* listStreams({ prefix, ...input }: StreamsOptions): AsyncGenerator<ListedStream> {
  const options = resolveAccessOptions(input);
  const signal = options.signal ?? new AbortController().signal;
  const timeoutMs = options.timeout * 1000;
  const connections = await openConnections(environment(), timeoutMs);
  const api = new KvsApi({ ...options, timeoutMs, connections });
  const condition = prefix === undefined ? {} : { StreamNameCondition: { ComparisonOperator: "BEGINS_WITH", ComparisonValue: prefix } as const };
  try {
    let next: string | undefined;
    do {
      const page = await retryingBriefly(() => api.listStreams({ MaxResults: A_PAGE, ...condition, ...(next && { NextToken: next }) }, signal), signal);
      yield* (page.StreamInfoList ?? []).map(listed);
      next = page.NextToken;
    } while (next);
  } finally {
    connections.close();
  }
}

const listed = ({ StreamName = "", StreamARN = "", Status, CreationTime, DataRetentionInHours = 0, MediaType }: StreamInfo): ListedStream => ({
  name: StreamName,
  arn: StreamARN,
  status: Status ?? "",
  createdAt: CreationTime?.getTime() ?? null,
  retentionHours: DataRetentionInHours,
  mediaType: MediaType ?? null,
});
