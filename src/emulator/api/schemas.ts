import * as v from "valibot";
import { invalid } from "../errors.js";

const match = (pattern: RegExp) => v.pipe(v.string("must be a string"), v.regex(pattern, `must match ${pattern.source}`));
const whole = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
};
const oneOf = <const T extends readonly string[]>(...values: T) => v.picklist(values, `must be one of ${values.join(", ")}`);

/** Seconds on the wire, whole milliseconds for us. */
const timestamp = v.pipe(v.number("must be a number of seconds"), v.transform((seconds) => Math.round(seconds * 1000)));
const selectorType = oneOf("PRODUCER_TIMESTAMP", "SERVER_TIMESTAMP");
const streamName = match(/^[a-zA-Z0-9_.-]{1,256}$/);
const stream = {
  StreamName: v.optional(streamName),
  StreamARN: v.optional(match(/^arn:[a-z\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:[a-z]+\/[a-zA-Z0-9_.-]+\/[0-9]+$/)),
};

export const describeStreamInput = v.object(stream);

export const getDataEndpointInput = v.object({
  ...stream,
  APIName: oneOf(
    "PUT_MEDIA", "GET_MEDIA", "LIST_FRAGMENTS", "GET_MEDIA_FOR_FRAGMENT_LIST",
    "GET_HLS_STREAMING_SESSION_URL", "GET_DASH_STREAMING_SESSION_URL", "GET_CLIP", "GET_IMAGES",
  ),
});

export const listStreamsInput = v.object({
  MaxResults: v.optional(whole(1, 10_000), 10_000),
  NextToken: v.optional(match(/^[a-zA-Z0-9+/=]{0,1024}$/)),
  StreamNameCondition: v.optional(v.object({ ComparisonOperator: v.optional(oneOf("BEGINS_WITH")), ComparisonValue: v.optional(streamName) })),
});

export const openSessionInput = v.object({
  ...stream,
  PlaybackMode: v.optional(oneOf("LIVE", "LIVE_REPLAY", "ON_DEMAND"), "LIVE"),
  HLSFragmentSelector: v.optional(
    v.object({
      FragmentSelectorType: v.optional(selectorType, "SERVER_TIMESTAMP"),
      TimestampRange: v.optional(v.object({ StartTimestamp: v.optional(timestamp), EndTimestamp: v.optional(timestamp) })),
    }),
    {},
  ),
  ContainerFormat: v.optional(oneOf("FRAGMENTED_MP4", "MPEG_TS"), "FRAGMENTED_MP4"),
  DiscontinuityMode: v.optional(oneOf("ALWAYS", "NEVER", "ON_DISCONTINUITY")),
  DisplayFragmentTimestamp: v.optional(oneOf("ALWAYS", "NEVER"), "NEVER"),
  Expires: v.optional(whole(300, 43_200), 300),
  MaxMediaPlaylistFragmentResults: v.optional(whole(1, 5000)),
});
export type OpenSessionInput = v.InferOutput<typeof openSessionInput>;

export const listFragmentsInput = v.object({
  ...stream,
  MaxResults: v.optional(whole(1, 1000), 1000),
  NextToken: v.optional(match(/^[a-zA-Z0-9+/]{1,4096}={0,2}$/)),
  FragmentSelector: v.optional(
    v.object({ FragmentSelectorType: selectorType, TimestampRange: v.object({ StartTimestamp: timestamp, EndTimestamp: timestamp }) }),
  ),
});

export const getImagesInput = v.object({
  ...stream,
  ImageSelectorType: selectorType,
  StartTimestamp: timestamp,
  EndTimestamp: timestamp,
  /** Milliseconds. No document gives its default: that of the service's image delivery. */
  SamplingInterval: v.optional(whole(200, 20_000), 3000),
  Format: oneOf("JPEG", "PNG"),
  FormatConfig: v.optional(v.object({ JPEGQuality: v.optional(match(/^([1-9]\d?|100)$/), "80") }), {}),
  WidthPixels: v.optional(whole(1, 3840)),
  HeightPixels: v.optional(whole(1, 2160)),
  MaxResults: v.optional(whole(1, 100)),
  NextToken: v.optional(match(/^[a-zA-Z0-9+/]{1,4096}={0,2}$/)),
});
export type GetImagesInput = v.InferOutput<typeof getImagesInput>;

/** Checks a request's body as the service does. */
export function parseInput<const S extends v.GenericSchema>(schema: S, body: Buffer): v.InferOutput<S> {
  const result = v.safeParse(schema, parseJson(body), { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  if (path === null) throw invalid("The request body must be a JSON object.");
  if (issue.input === undefined) throw invalid(`1 validation error detected: '${path}' must not be null.`);
  throw invalid(`1 validation error detected: Value '${JSON.stringify(issue.input)}' at '${path}' ${issue.message}.`);
}

function parseJson(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString());
  } catch {
    throw invalid("The request body must be JSON.");
  }
}
