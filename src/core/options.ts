import * as v from "valibot";
import { OptionError } from "./errors.js";
import type { EventListener } from "./events.js";
import { CLOCKS, PIXEL_FORMATS } from "./frame.js";
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

/** AWS credentials, in the shape of the SDK's own identities and providers. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
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
/** The last frame that was delivered: fragment number, index in it, and times in milliseconds as a {@link Frame} has them. */
export type ResumePoint = v.InferOutput<typeof resumePoint>;

const DECODERS = ["ffmpeg", "node-av"] as const;
const RETRIES = ["bounded", "forever"] as const;
const SAMPLINGS = ["exact", "keyframe", "auto"] as const;
const MAX_PIXELS_A_SIDE = 16_384;

/** What sources and snapshots share: each option, its default and its range. Durations are in seconds. */
const SHARED = {
  /** The stream, by name or by ARN: one of the two. */
  streamName: v.optional(v.pipe(text, v.regex(STREAM_NAME, "must be 1 to 256 letters, digits, '_', '.' or '-'"))),
  streamArn: v.optional(v.pipe(text, v.regex(STREAM_ARN, "must look like arn:aws:kinesisvideo:REGION:ACCOUNT:stream/NAME/NUMBER"))),
  /** Default: the ARN's region, or what the AWS environment and config files say. */
  region: v.optional(v.pipe(text, v.regex(/^[a-z0-9-]{1,64}$/, "must be a region such as eu-west-1"))),
  /** A profile of the AWS config files. */
  profile: v.optional(v.pipe(text, v.minLength(1, "must not be empty"))),
  /** Default: the standard credential chain of the AWS SDK, asked again before they expire. */
  credentials: v.optional(v.custom<Credentials | (() => Promise<Credentials>)>(isCredentials, "must be { accessKeyId, secretAccessKey } or a function that promises it")),
  /** Replaces the service's own address, for the emulator or a VPC endpoint. */
  endpointUrl: v.optional(v.pipe(text, v.check(isHttpUrl, "must be a URL such as http://127.0.0.1:4566"))),
  /** Name of the camera in metrics, manifests and file names. Default: the stream's name. */
  cameraId: v.optional(v.pipe(text, v.regex(/^[^/\\\0]{1,256}$/, "must be 1 to 256 characters without a slash"))),
  /** Whose clock capture times are on. */
  clock: v.optional(oneOf(CLOCKS), "producer"),
  pixelFormat: v.optional(oneOf(PIXEL_FORMATS), "bgr24"),
  /** Pixels; one side alone keeps the aspect ratio. */
  resize: v.optional(
    v.pipe(
      v.strictObject(
        { width: v.optional(wholeRange(2, MAX_PIXELS_A_SIDE)), height: v.optional(wholeRange(2, MAX_PIXELS_A_SIDE)) },
        "must be an object with width or height",
      ),
      v.check(({ width, height }) => width !== undefined || height !== undefined, "needs a width or a height"),
    ),
  ),
  /** ffmpeg's path. Default: see locateFfmpeg. */
  ffmpegPath: v.optional(v.pipe(text, v.minLength(1, "must not be empty"))),
  /** One request's time limit. */
  timeout: v.optional(seconds(0.1, 600), 15),
  /** Life of a session, by the service's rules 300 to 43200. A short one frees its place among the stream's ten soon after a crash. */
  hlsSessionSeconds: v.optional(v.pipe(seconds(300, 43_200), v.integer("must be a whole number")), 300),
  /** How long before its end a session is replaced. */
  urlRefreshMargin: v.optional(seconds(1, 3600), 30),
  /** Ends it; what was asked for rejects with the signal's reason. */
  signal: v.optional(v.instance(AbortSignal, "must be an AbortSignal")),
  onEvent: v.optional(v.custom<EventListener>((value) => typeof value === "function", "must be a function")),
};

/** What is a source's own. */
const SCHEMA = v.strictObject({
  ...SHARED,
  /** Frames a second to deliver, on a fixed grid of capture times. Default: every frame. */
  targetFps: v.optional(range(0.0001, 1000)),
  /**
   * Which picture of a tick: `exact` takes the first one, `keyframe` the first key picture, which costs a tenth of the bytes and less
   * of the work (without targetFps every key picture), `auto` key pictures where there is one for each tick, else the first.
   */
  sampling: v.optional(oneOf(SAMPLINGS), "auto"),
  /**
   * What decodes: `ffmpeg` is a program, whose crash costs a fragment at the most; `node-av` is FFmpeg's libraries in this process, by
   * the optional package of that name, in two thirds of the time for large pictures, but a crash in it is one of this program.
   */
  decoder: v.optional(oneOf(DECODERS), "ffmpeg"),
  /** A DecoderPool, for key pictures to be decoded together with those of other sources. Default: one of its own. */
  decoders: v.optional(v.custom<AsyncDisposable>((value) => typeof value === "object" && value !== null && Symbol.asyncDispose in value, "must be a DecoderPool")),
  /** `live` skips ahead when more than maxLag behind; `complete` loses nothing the service still keeps. Default: live, or complete with resumeAfter or start. */
  delivery: v.optional(oneOf(["live", "complete"])),
  /** Go on after this frame, as far as the service still keeps what came since; without it, begin with the newest fragment. */
  resumeAfter: v.optional(resumePoint),
  /** Begin with what is stored from this capture time on: Unix epoch, milliseconds. Without `end` it goes on with the live stream. */
  start: v.optional(moment),
  /** End before this capture time, which is past: Unix epoch, milliseconds. */
  end: v.optional(moment),
  /**
   * A file descriptor of this process that ffmpeg writes the pixels of a range with an end to, one picture after the other, where the
   * system allows it: `data` of the frame is then empty. Other frames are to be written by the caller before the next one is asked for.
   */
  pixelsTo: v.optional(wholeRange(1, 1_000_000)),
  /** How many fragments of the archive to fetch at a time. */
  parallel: v.optional(wholeRange(1, 10), 4),
  maxLag: v.optional(seconds(1, 86_400), 30),
  /** How long to wait for a camera that sends nothing. Default: for ever. */
  wait: v.optional(seconds(0, 31_536_000)),
  /** Age of the newest frame's arrival at which isHealthy() turns false. */
  maxStaleness: v.optional(seconds(0.1, 86_400), 30),
  /** Back-off between connections: first delay, longest delay, factor, and failures in a row until giving up. */
  reconnectDelay: v.optional(seconds(0, 3600), 5),
  maxReconnectDelay: v.optional(seconds(0, 86_400), 60),
  backoffMultiplier: v.optional(range(1, 100), 2),
  maxConsecutiveErrors: v.optional(wholeRange(1, 1_000_000), 10),
  /** `bounded` gives up after maxConsecutiveErrors, `forever` never does after a failure that may pass, such as a network that is down. */
  retry: v.optional(oneOf(RETRIES), "bounded"),
}, "must be an object");

/** What is a snapshot's own. */
const SNAPSHOT_SCHEMA = v.strictObject({
  ...SHARED,
  /** The picture that was shown then, which is past: Unix epoch, milliseconds. Default: the newest one. */
  at: v.optional(moment),
  /**
   * `exact` is the last picture there is, `keyframe` the last one that can be decoded alone, up to a fragment's length older: a tenth
   * of the bytes, in two thirds of the time.
   */
  sampling: v.optional(oneOf(["exact", "keyframe"]), "exact"),
  /** How old the newest picture may be. Default: any age. */
  maxAge: v.optional(seconds(0, 31_536_000)),
  /** `archive`: where the newest picture is too old, or the camera offline, the last one stored will do. */
  fallback: v.optional(oneOf(["archive"])),
}, "must be an object");

export type KvsHlsFrameSourceOptions = v.InferInput<typeof SCHEMA>;
export type SourceOptions = v.InferOutput<typeof SCHEMA> & { readonly cameraId: string; readonly delivery: "live" | "complete" };

export type SnapshotOptions = v.InferInput<typeof SNAPSHOT_SCHEMA>;
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

function parse<T extends typeof SCHEMA | typeof SNAPSHOT_SCHEMA>(schema: T, input: unknown): v.InferOutput<T> & { readonly cameraId: string } {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (!result.success) throw optionError(result.issues[0]);
  const options = result.output;
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
