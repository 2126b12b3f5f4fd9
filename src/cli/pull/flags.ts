import type { Option } from "commander";
import { PIXEL_FORMATS, type PixelFormat } from "../../core/frame.js";
import { DEFAULT_QUALITY, DEFAULT_TEMPLATE, FRAME_FORMATS, SHORT_FORMATS, type FrameFormat } from "../../sinks/formats.js";
import { duration, number, positiveDuration, rate, size, wholeNumber, type Size } from "../flag-values.js";
import { choiceFlag, configFlags, flag, logFlags, streamFlags, switchFlag, textFlag, type FlagGroup, type LogFlags, type StreamFlags } from "../flags.js";
import { timePoint } from "../time-point.js";

/** Times are in seconds, as in the library. */
export interface PullFlags extends StreamFlags, LogFlags {
  readonly targetFps?: number;
  readonly maxFrames?: number;
  readonly duration?: number;
  readonly start?: number;
  readonly end?: number;
  readonly parallel?: number;
  readonly sampling?: "exact" | "keyframe" | "auto";
  readonly decoder?: "ffmpeg" | "node-av";
  readonly delivery?: "live" | "complete";
  readonly maxLag?: number;
  readonly wait?: number;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly resume?: string;
  readonly out?: string;
  readonly filename: string;
  readonly format: FrameFormat;
  readonly quality?: number;
  readonly resize?: Size;
  readonly pixelFormat?: PixelFormat;
  readonly framed?: boolean;
  readonly images: boolean;
  readonly manifest?: string;
  readonly logFile?: string;
  readonly hlsSessionSeconds?: number;
  readonly urlRefreshMargin?: number;
  readonly reconnectDelay?: number;
  readonly maxReconnectDelay?: number;
  readonly backoffMultiplier?: number;
  readonly maxConsecutiveErrors?: number;
  readonly retry?: "bounded" | "forever";
  readonly maxStaleness?: number;
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

const frameFlags = (): FlagGroup => ({
  heading: "Frames:",
  options: [
    flag("--target-fps <fps>", "frames a second, by capture time, such as 5 or 1/60 (default: every frame)", rate),
    choiceFlag("--sampling <mode>", "which picture to take for each tick: exact takes the first; keyframe takes the first key frame, for a fraction of the bytes and work; auto acts like keyframe if every tick has a key frame, like exact otherwise (default: auto)", ["exact", "keyframe", "auto"]),
    choiceFlag("--decoder <which>", "ffmpeg runs as a separate program; node-av (an optional package) runs FFmpeg's libraries in this process: less overhead, but a crash takes the process down (default: ffmpeg)", ["ffmpeg", "node-av"]),
    flag("--max-frames <count>", "end after this many frames", wholeNumber(1)),
    flag("--duration <time>", "end after this span of capture time, or after this long (30s at least) without a frame", positiveDuration),
    choiceFlag("--delivery <mode>", "live skips ahead when too far behind, complete loses nothing the service keeps (default: live)", ["live", "complete"]),
    flag("--max-lag <time>", "how far behind live delivery may fall (default: 30s)", duration),
    flag("--wait <time>", "how long to wait for a camera that sends nothing (default: forever)", duration),
    textFlag("--resume <file>", "continue after the last frame written, which this file keeps track of; implies --delivery complete unless overridden"),
    switchFlag("--dry-run", "print what would be read, billed, and written, then exit"),
    switchFlag("--strict", "exit with code 76 if frames are missing or fewer than --max-frames arrived"),
  ],
});

const historyFlags = (): FlagGroup => ({
  heading: "History:",
  options: [
    flag("--start <time>", "start with what has been stored since then: 2026-11-22T10:15:00Z, 1795342500 or -2h; then go on live, unless there is an end", timePoint()),
    flag("--end <time>", "end before this time: as --start, or now", timePoint()),
    flag("--parallel <count>", "fragments of the archive to fetch at a time (default: 4)", wholeNumber(1, 10)),
  ],
});

const outputFlags = (): FlagGroup => ({
  heading: "Output:",
  options: [
    textFlag("--out <dir>", "directory of the images, or - for stdout (default: frames/<camera-id>)"),
    textFlag("--filename <template>", "strftime in UTC with %L for milliseconds, and {camera} {seq} {fragment} {index} {ext}").default(DEFAULT_TEMPLATE, DEFAULT_TEMPLATE),
    choiceFlag("--format <format>", "what to write", FRAME_FORMATS, SHORT_FORMATS).default("jpeg", "jpeg"),
    flag("--quality <1-100>", `of jpeg and webp (default: ${DEFAULT_QUALITY})`, wholeNumber(1, 100)),
    flag("--resize <size>", "1280x720, or one side of it: 1280x, x720", size),
    choiceFlag("--pixel-format <format>", "of --format raw (default: bgr24)", PIXEL_FORMATS),
    switchFlag("--framed", "with --out -: write the records to stdout too, each frame's bytes after its record"),
    switchFlag("--no-images", "write records only; pictures are still decoded, so every record stands for a frame that decodes"),
    textFlag("--manifest <file>", "append the records to this file, or - for stdout (default: stdout unless it is a terminal); SIGHUP reopens it"),
  ],
});

const connectionFlags = (): FlagGroup => ({
  heading: "Connection:",
  options: [
    flag("--hls-session-seconds <time>", "life of a session, 300s to 12h (default: 300s)", duration),
    flag("--url-refresh-margin <time>", "how long before its end a session is replaced (default: 30s)", duration),
    flag("--reconnect-delay <time>", "first delay between connections (default: 5s)", duration),
    flag("--max-reconnect-delay <time>", "longest delay between connections (default: 60s)", duration),
    flag("--backoff-multiplier <factor>", "growth of the delay (default: 2)", number),
    choiceFlag("--retry <how>", "how long to retry temporary failures (default: forever; bounded with --end, --duration or --max-frames)", ["forever", "bounded"]),
    flag("--max-consecutive-errors <count>", "failures in a row until giving up; implies --retry bounded (default: 10)", wholeNumber(1)),
  ],
});

const monitoringFlags = (): FlagGroup => ({
  heading: "Monitoring:",
  options: [
    flag("--metrics-port <port>", "serve /metrics, /livez and /readyz; 0 for any free port", wholeNumber(0, 65_535)),
    textFlag("--metrics-host <address>", "address to serve them on").default("127.0.0.1", "127.0.0.1"),
    flag("--max-staleness <time>", "age of the newest frame at which /readyz fails (default: 30s)", duration),
  ],
});

const logFileFlag = (): Option => textFlag("--log-file <file>", "append them to this file instead of stderr; SIGHUP reopens it");

export const pullFlags = (): FlagGroup[] => [streamFlags(), frameFlags(), historyFlags(), outputFlags(), connectionFlags(), monitoringFlags(), logFlags(undefined, [logFileFlag()]), configFlags()];
