import type { EventListener } from "./events.js";
import type { Clock, Frame, PixelFormat } from "./frame.js";

/** AWS credentials, in the shape of the SDK's own identities and providers. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** How to reach the service. */
export interface AccessOptions {
  /** AWS region, such as "eu-west-1". Default: the ARN's region, or what the AWS environment and config files say. */
  readonly region?: string | undefined;
  /** A profile of the AWS config files. Default: AWS_PROFILE, or "default". */
  readonly profile?: string | undefined;
  /** Credentials, or a function that promises them and is called again before they expire. Default: the credential chain of the AWS SDK. */
  readonly credentials?: Credentials | (() => Promise<Credentials>) | undefined;
  /** Replaces the service's own address, for the emulator or a VPC endpoint. Default: AWS_ENDPOINT_URL, or the service's own. */
  readonly endpointUrl?: string | undefined;
  /** Time limit of one request, seconds, 0.1 to 600. Default: 15. */
  readonly timeout?: number | undefined;
  /** Aborts the operation, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Which stream, and how its pictures are to come. */
export interface PictureOptions extends AccessOptions {
  /** The stream by name, 1 to 256 letters, digits, `_`, `.` or `-`. Either this or `streamArn`. */
  readonly streamName?: string | undefined;
  /** The stream by ARN, such as "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/front-door/1600000000000". */
  readonly streamArn?: string | undefined;
  /** Name of the camera in metrics, manifests and file names. Default: the stream's name. */
  readonly cameraId?: string | undefined;
  /** Whose clock capture times are on. Default: "producer". */
  readonly clock?: Clock | undefined;
  /** Layout of `Frame.data`. Default: "bgr24". */
  readonly pixelFormat?: PixelFormat | undefined;
  /** Size to scale pictures to, pixels, 2 to 16384 a side; one side alone keeps the aspect ratio. Default: the camera's. */
  readonly resize?: { readonly width?: number | undefined; readonly height?: number | undefined } | undefined;
  /** Path of ffmpeg. Default: KVS_FRAMES_FFMPEG, FFMPEG_BIN, the one on PATH, then the package ffmpeg-static. */
  readonly ffmpegPath?: string | undefined;
  /** Life of an HLS session, seconds, 300 to 43200. A short one frees its place among the stream's ten soon after a crash. Default: 300. */
  readonly hlsSessionSeconds?: number | undefined;
  /** How long before its end a session is replaced, seconds, 1 to 3600. Default: 30. */
  readonly urlRefreshMargin?: number | undefined;
  /** Called with every event as it happens. */
  readonly onEvent?: EventListener | undefined;
}

/** The last frame that was delivered, or what is left of it on a disk. */
export type ResumePoint = Pick<Frame, "fragment" | "index" | "capturedAt" | "pts">;

/** What a {@link KvsHlsFrameSource} is to deliver. */
export interface KvsHlsFrameSourceOptions extends PictureOptions {
  /** Frames a second to deliver, on a fixed grid of capture times, 0.0001 to 1000. Default: every frame. */
  readonly targetFps?: number | undefined;
  /**
   * Which picture to take for each tick: `exact` takes the first one; `keyframe` takes the first key frame, for a tenth of the bytes and
   * less of the work (every key frame without targetFps); `auto` acts like `keyframe` if every tick has a key frame, like `exact` otherwise.
   * Default: "auto".
   */
  readonly sampling?: "exact" | "keyframe" | "auto" | undefined;
  /**
   * What decodes: `ffmpeg` is a program, whose crash costs a fragment at the most; `node-av` is FFmpeg's libraries in this process, by
   * the optional package of that name, in two thirds of the time for large pictures, but a crash in it is one of this program.
   * Default: "ffmpeg".
   */
  readonly decoder?: "ffmpeg" | "node-av" | undefined;
  /** A DecoderPool, which decodes key frames of several sources together. Default: a separate one. */
  readonly decoders?: AsyncDisposable | undefined;
  /** `live` skips ahead when more than maxLag behind; `complete` loses nothing the service still keeps. Default: "live", or "complete" with resumeAfter or start. */
  readonly delivery?: "live" | "complete" | undefined;
  /** Continues after this frame, as far back as the service still has the media. Default: begins with the newest fragment. */
  readonly resumeAfter?: ResumePoint | undefined;
  /** Begins with what is stored from this capture time on: Unix epoch, milliseconds. Without `end` it goes on with the live stream. */
  readonly start?: number | undefined;
  /** Ends before this capture time, which is past: Unix epoch, milliseconds. Default: goes on. */
  readonly end?: number | undefined;
  /**
   * A file descriptor of this process that ffmpeg writes the pixels of a range with an end to, one picture after the other, where the
   * system allows it: `data` of the frame is then empty. Other frames are to be written by the caller before the next one is asked for.
   */
  readonly pixelsTo?: number | undefined;
  /** How many fragments of the archive to fetch at a time, 1 to 10. Default: 4. */
  readonly parallel?: number | undefined;
  /** How far behind `live` delivery may fall, seconds, 1 to 86400. Default: 30. */
  readonly maxLag?: number | undefined;
  /** How long to wait for a camera that sends nothing, seconds. Default: forever. */
  readonly wait?: number | undefined;
  /** Age of the newest frame's arrival at which isHealthy() turns false, seconds. Default: 30. */
  readonly maxStaleness?: number | undefined;
  /** First delay between connections, seconds. Default: 5. */
  readonly reconnectDelay?: number | undefined;
  /** Longest delay between connections, seconds. Default: 60. */
  readonly maxReconnectDelay?: number | undefined;
  /** How much longer each delay is than the one before, 1 to 100 times. Default: 2. */
  readonly backoffMultiplier?: number | undefined;
  /** Failures in a row until `bounded` retrying gives up. Default: 10. */
  readonly maxConsecutiveErrors?: number | undefined;
  /** `bounded` gives up after maxConsecutiveErrors, `forever` never does after a failure that may pass, such as a network that is down. Default: "bounded". */
  readonly retry?: "bounded" | "forever" | undefined;
}

/** Which picture {@link takeSnapshot} is to take. */
export interface SnapshotOptions extends PictureOptions {
  /** The picture that was shown then, which is past: Unix epoch, milliseconds. Default: the newest one. */
  readonly at?: number | undefined;
  /**
   * `exact` is the last picture there is, `keyframe` the last one that can be decoded alone, up to a fragment's length older: a tenth
   * of the bytes, in two thirds of the time. Default: "exact".
   */
  readonly sampling?: "exact" | "keyframe" | undefined;
  /** How old the newest picture may be, seconds. Default: any age. */
  readonly maxAge?: number | undefined;
  /** `archive`: where the newest picture is too old, or the camera offline, the last one stored will do. Default: an error then. */
  readonly fallback?: "archive" | undefined;
}
