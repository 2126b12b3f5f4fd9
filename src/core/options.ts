import * as v from "valibot";
import { OptionError } from "./errors.js";
import type { EventListener } from "./events.js";
import { CLOCKS, PIXEL_FORMATS } from "./frame.js";
import type { AccessOptions, Credentials, KvsHlsFrameSourceOptions, PictureOptions, SnapshotOptions } from "./option-types.js";
import { isoTime } from "./time.js";

/** A number from `min` to `max`, both allowed. */
const range = (min: number, max: number, unit = "") =>
  v.pipe(
    v.number(`must be a number${unit}`),
    v.check((value) => value >= min && value <= max, `must be from ${min} to ${max}${unit}`),
  );
const wholeRange = (min: number, max: number) =>
  v.pipe(range(min, max), v.integer("must be a whole number"));
const seconds = (min: number, max: number) => range(min, max, " seconds");
/** What a Date can hold. */
const moment = range(-8.64e15, 8.64e15, " of milliseconds");
const text = v.string("must be a text");
const oneOf = <const T extends readonly string[]>(values: T) => v.picklist(values, `must be one of ${values.join(", ")}`);

const STREAM_NAME = /^[a-zA-Z0-9_.-]{1,256}$/;
const STREAM_ARN = /^arn:[a-z\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:stream\/[a-zA-Z0-9_.-]+\/[0-9]+$/;
const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const isCredentials = (value: unknown): boolean => typeof value === "function" || (typeof value === "object" && value !== null && "accessKeyId" in value && "secretAccessKey" in value);

/** A frame, or what is left of it on a disk. */
const resumePoint = v.object(
  {
    fragment: v.pipe(text, v.regex(/^\d{1,128}$/, "must be a fragment number, 1 to 128 digits")),
    index: wholeRange(0, 1_000_000),
    capturedAt: moment,
    pts: range(0, 86_400_000, " of milliseconds"),
  },
  "must be a frame",
);

const DECODERS = ["ffmpeg", "node-av"] as const;
const RETRIES = ["bounded", "forever"] as const;
const SAMPLINGS = ["exact", "keyframe", "auto"] as const;
const MAX_PIXELS_A_SIDE = 16_384;

/** A check for each documented option, and for no other. */
type Checks<T> = Readonly<Record<keyof T, v.GenericSchema>>;

/** What each option may be, and its default; option-types.ts says what it means. */
const ACCESS = {
  region: v.optional(v.pipe(text, v.regex(/^[a-z0-9-]{1,64}$/, "must be a region such as eu-west-1"))),
  profile: v.optional(v.pipe(text, v.minLength(1, "must not be empty"))),
  credentials: v.optional(v.custom<Credentials | (() => Promise<Credentials>)>(isCredentials, "must be { accessKeyId, secretAccessKey } or a function that promises it")),
  endpointUrl: v.optional(v.pipe(text, v.check(isHttpUrl, "must be a URL such as http://127.0.0.1:4566"))),
  timeout: v.optional(seconds(0.1, 600), 15),
  signal: v.optional(v.instance(AbortSignal, "must be an AbortSignal")),
} satisfies Checks<AccessOptions>;

const SHARED = {
  ...ACCESS,
  streamName: v.optional(v.pipe(text, v.regex(STREAM_NAME, "must be 1 to 256 letters, digits, '_', '.' or '-'"))),
  streamArn: v.optional(v.pipe(text, v.regex(STREAM_ARN, "must look like arn:aws:kinesisvideo:REGION:ACCOUNT:stream/NAME/NUMBER"))),
  cameraId: v.optional(v.pipe(text, v.regex(/^[^/\\\0]{1,256}$/, "must be 1 to 256 characters without a slash"))),
  clock: v.optional(oneOf(CLOCKS), "producer"),
  pixelFormat: v.optional(oneOf(PIXEL_FORMATS), "bgr24"),
  resize: v.optional(
    v.pipe(
      v.strictObject(
        { width: v.optional(wholeRange(2, MAX_PIXELS_A_SIDE)), height: v.optional(wholeRange(2, MAX_PIXELS_A_SIDE)) },
        "must be an object with width or height",
      ),
      v.check(({ width, height }) => width !== undefined || height !== undefined, "needs a width or a height"),
    ),
  ),
  ffmpegPath: v.optional(v.pipe(text, v.minLength(1, "must not be empty"))),
  hlsSessionSeconds: v.optional(v.pipe(seconds(300, 43_200), v.integer("must be a whole number")), 300),
  urlRefreshMargin: v.optional(seconds(1, 3600), 30),
  onEvent: v.optional(v.custom<EventListener>((value) => typeof value === "function", "must be a function")),
} satisfies Checks<PictureOptions>;

const ACCESS_SCHEMA = v.strictObject(ACCESS, "must be an object");

/** What is a source's own. */
const SCHEMA = v.strictObject({
  ...SHARED,
  targetFps: v.optional(range(0.0001, 1000)),
  sampling: v.optional(oneOf(SAMPLINGS), "auto"),
  decoder: v.optional(oneOf(DECODERS), "ffmpeg"),
  decoders: v.optional(v.custom<AsyncDisposable>((value) => typeof value === "object" && value !== null && Symbol.asyncDispose in value, "must be a DecoderPool")),
  delivery: v.optional(oneOf(["live", "complete"])),
  resumeAfter: v.optional(resumePoint),
  start: v.optional(moment),
  end: v.optional(moment),
  pixelsTo: v.optional(wholeRange(1, 1_000_000)),
  parallel: v.optional(wholeRange(1, 10), 4),
  maxLag: v.optional(seconds(1, 86_400), 30),
  wait: v.optional(seconds(0, 31_536_000)),
  maxStaleness: v.optional(seconds(0.1, 86_400), 30),
  reconnectDelay: v.optional(seconds(0, 3600), 5),
  maxReconnectDelay: v.optional(seconds(0, 86_400), 60),
  backoffMultiplier: v.optional(range(1, 100), 2),
  maxConsecutiveErrors: v.optional(wholeRange(1, 1_000_000), 10),
  retry: v.optional(oneOf(RETRIES), "bounded"),
} satisfies Checks<KvsHlsFrameSourceOptions>, "must be an object");

/** What is a snapshot's own. */
const SNAPSHOT_SCHEMA = v.strictObject({
  ...SHARED,
  at: v.optional(moment),
  sampling: v.optional(oneOf(["exact", "keyframe"]), "exact"),
  maxAge: v.optional(seconds(0, 31_536_000)),
  fallback: v.optional(oneOf(["archive"])),
} satisfies Checks<SnapshotOptions>, "must be an object");

export type SourceOptions = v.InferOutput<typeof SCHEMA> & { readonly cameraId: string; readonly delivery: "live" | "complete" };

export type ResolvedAccessOptions = v.InferOutput<typeof ACCESS_SCHEMA>;

export type ResolvedSnapshotOptions = v.InferOutput<typeof SNAPSHOT_SCHEMA> & { readonly cameraId: string };
/** What it takes to reach a stream, and to show its pictures. */
export type StreamOptions = Omit<ResolvedSnapshotOptions, "at" | "sampling" | "maxAge" | "fallback">;

/**
 * Fills in the defaults and checks every value.
 * @throws OptionError naming the option, the value seen and the values allowed.
 */
export function resolveOptions(input: KvsHlsFrameSourceOptions): SourceOptions {
  const options = parse(SCHEMA, input);
  if (options.maxReconnectDelay < options.reconnectDelay) {
    throw new OptionError(`maxReconnectDelay must be at least reconnectDelay (${options.reconnectDelay}), got ${options.maxReconnectDelay}`, "maxReconnectDelay");
  }
  if (options.decoder !== "ffmpeg" && options.ffmpegPath !== undefined) {
    throw new OptionError(`ffmpegPath is for decoder "ffmpeg", got it with "${options.decoder}"`, "ffmpegPath");
  }
  refuseBadRange(options);
  const isFromThePast = options.resumeAfter !== undefined || options.start !== undefined;
  const delivery = options.delivery ?? (isFromThePast ? "complete" : "live");
  return { ...options, delivery };
}

/** As {@link resolveOptions}, for a snapshot. */
export function resolveSnapshotOptions(input: SnapshotOptions): ResolvedSnapshotOptions {
  const options = parse(SNAPSHOT_SCHEMA, input);
  const { at, maxAge, fallback } = options;
  if (at === undefined) return options;
  if (at > Date.now()) throw new OptionError(`at must not be in the future, got ${isoTime(at)}`, "at");
  if (maxAge !== undefined) throw new OptionError("maxAge is for the newest picture: one of a given time is as old as it is", "maxAge");
  if (fallback !== undefined) throw new OptionError("fallback is for the newest picture: one of a given time comes from the archive anyway", "fallback");
  return options;
}

/** As {@link resolveOptions}, for what is asked of an account. */
export function resolveAccessOptions(input: AccessOptions): ResolvedAccessOptions {
  return checked(ACCESS_SCHEMA, input);
}

function checked<T extends v.GenericSchema>(schema: T, input: v.InferInput<T>): v.InferOutput<T> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (!result.success) throw optionError(result.issues[0]);
  return result.output;
}

function parse<T extends typeof SCHEMA | typeof SNAPSHOT_SCHEMA>(schema: T, input: v.InferInput<T>): v.InferOutput<T> & { readonly cameraId: string } {
  const options = checked(schema, input);
  if (options.streamName !== undefined && options.streamArn !== undefined) {
    throw new OptionError("give streamName or streamArn, not both", "streamName");
  }
  const name = options.streamName ?? options.streamArn?.split("/")[1];
  if (name === undefined) throw new OptionError("streamName or streamArn is missing: which stream?", "streamName");
  if (options.urlRefreshMargin >= options.hlsSessionSeconds) {
    throw new OptionError(`urlRefreshMargin must be less than hlsSessionSeconds (${options.hlsSessionSeconds}), got ${options.urlRefreshMargin}`, "urlRefreshMargin");
  }
  return { ...options, cameraId: options.cameraId ?? name };
}

function refuseBadRange({ start, end, pixelsTo, delivery }: Pick<SourceOptions, "start" | "end" | "pixelsTo"> & { readonly delivery?: string | undefined }): void {
  const now = Date.now();
  if (pixelsTo !== undefined && end === undefined) throw new OptionError("pixelsTo is for a range with an end: of what is live, frames may have to be left out", "pixelsTo");
  if (end !== undefined && start === undefined) throw new OptionError("start is missing: a range with an end needs one", "start");
  if (start === undefined) return;
  if (start >= now) throw new OptionError(`start must be in the past, got ${isoTime(start)}`, "start");
  if (end !== undefined && end > now) throw new OptionError(`end must not be in the future, got ${isoTime(end)}; without it the live stream follows`, "end");
  if (end !== undefined && end <= start) throw new OptionError(`end must be after start (${isoTime(start)}), got ${isoTime(end)}`, "end");
  if (delivery === "live") throw new OptionError("delivery must be complete with start, got \"live\"", "delivery");
}

function optionError(issue: v.BaseIssue<unknown>): OptionError {
  const path = issue.path?.map((item) => String(item.key)).join(".") ?? "options";
  if (issue.type === "strict_object" && issue.expected === "never") return new OptionError(`unknown option ${path}`, path);
  return new OptionError(`${path} ${issue.message}, got ${show(issue.input)}`, path);
}

const show = (value: unknown): string => (typeof value === "string" ? `"${value}"` : String(value)); // never an object's content: it may be secret
