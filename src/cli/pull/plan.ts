import { join } from "node:path";
import { OptionError } from "../../core/errors.js";
import type { Clock, PixelFormat } from "../../core/frame.js";
import type { KvsHlsFrameSourceOptions } from "../../core/option-types.js";
import { resolveOptions } from "../../core/options.js";
import { compileFilename, safeSegment, type FilenameTemplate } from "../../sinks/filename.js";
import { EXTENSIONS, type FrameFormat } from "../../sinks/formats.js";
import type { PullFlags } from "./flags.js";
import type { MonitoringAddress } from "./monitoring.js";

export interface ImagePlan {
  readonly format: FrameFormat;
  readonly quality: number | undefined;
  /** Frames a second, where they are asked for. */
  readonly fps: number | undefined;
  /** undefined: to stdout, one after the other. */
  readonly files: { readonly directory: string; readonly filename: FilenameTemplate } | undefined;
  /** Records go to stdout too, each image behind its own. */
  readonly isFramed: boolean;
}

/** Everything about a run that its flags decide. */
export interface PullPlan {
  readonly cameraId: string;
  readonly clock: Clock;
  readonly source: KvsHlsFrameSourceOptions;
  /** undefined: records only. */
  readonly images: ImagePlan | undefined;
  /** Pixels are written to stdout, and nothing tells their size. */
  readonly needsFixedSize: boolean;
  /** undefined: nowhere. */
  readonly manifest: { readonly file: string } | "stdout" | undefined;
  /** From which capture time to which, of a run through the archive: Unix epoch, milliseconds. */
  readonly range: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly maxFrames: number | undefined;
  readonly durationMs: number | undefined;
  readonly monitoring: MonitoringAddress | undefined;
  /** File that keeps the last frame written. */
  readonly resume: string | undefined;
  /** Missing frames make the run a failure. */
  readonly isStrict: boolean;
}

/** @throws OptionError for values and combinations that cannot work, before anything is opened. */
export function planPull(flags: PullFlags, { isTerminal, fd }: { readonly isTerminal: boolean; readonly fd?: number | undefined }): PullPlan {
  refuseConflicts(flags, isTerminal);
  const source: KvsHlsFrameSourceOptions = { ...sourceOptions(flags), pixelsTo: mayWriteItself(flags) ? fd : undefined };
  const { cameraId, clock } = resolveOptions(source);
  const filename = compileFilename(flags.filename, { cameraId, extension: EXTENSIONS[flags.format] });
  const directory = flags.out ?? join("frames", safeSegment(cameraId));
  const isPiped = flags.out === "-";
  return {
    cameraId,
    clock,
    source,
    images: flags.images ? { format: flags.format, quality: flags.quality, fps: flags.targetFps, files: isPiped ? undefined : { directory, filename }, isFramed: flags.framed === true } : undefined,
    needsFixedSize: isPiped && !flags.framed && (flags.format === "raw" || flags.format === "y4m"),
    manifest: manifestOf(flags, isTerminal),
    range: flags.start === undefined || flags.end === undefined ? undefined : { fromMs: flags.start, toMs: flags.end },
    maxFrames: flags.maxFrames,
    durationMs: flags.duration === undefined ? undefined : flags.duration * 1000,
    resume: flags.resume,
    isStrict: flags.strict === true,
    monitoring: flags.metricsPort === undefined ? undefined : { host: flags.metricsHost, port: flags.metricsPort },
  };
}

/** Records go to a program that reads them; a person at a terminal has the status line, unless records are all there is. */
function manifestOf({ manifest, out, images }: PullFlags, isTerminal: boolean): PullPlan["manifest"] {
  if (manifest === "-") return "stdout";
  if (manifest !== undefined) return { file: manifest };
  return out === "-" || (isTerminal && images) ? undefined : "stdout";
}

function refuseConflicts(flags: PullFlags, isTerminal: boolean): void {
  if (flags.retry === "forever" && flags.maxConsecutiveErrors !== undefined) {
    throw new OptionError(`maxConsecutiveErrors is for --retry bounded, got ${flags.maxConsecutiveErrors} with --retry forever`, "maxConsecutiveErrors");
  }
  if (flags.pixelFormat !== undefined && flags.format !== "raw") {
    throw new OptionError(`pixelFormat is for --format raw only, got "${flags.pixelFormat}" with --format ${flags.format}`, "pixelFormat");
  }
  if (flags.quality !== undefined && flags.format !== "jpeg" && flags.format !== "webp") {
    throw new OptionError(`quality is for --format jpeg and webp only, got ${flags.quality} with --format ${flags.format}`, "quality");
  }
  if (flags.format === "y4m" && flags.out !== "-") throw new OptionError(`format y4m is one stream of pictures, and needs --out -, got ${flags.out === undefined ? "no --out" : `--out ${flags.out}`}`, "format");
  if (flags.framed && flags.out !== "-") throw new OptionError(`framed is for --out - only, got ${flags.out === undefined ? "no --out" : `--out ${flags.out}`}`, "framed");
  if (flags.dryRun && flags.resume !== undefined) throw new OptionError("dryRun does not read what resume has noted; give the time to begin with as --start instead", "dryRun");
  if (flags.out === "-" && flags.manifest === "-") throw new OptionError("manifest - writes to stdout, as --out - does; drop one of them, or use --framed for both in one stream", "manifest");
  if (flags.out === "-" && !flags.images) throw new OptionError("out - writes images, and --no-images leaves none to write; drop one of them", "out");
  if (flags.out === "-" && isTerminal) throw new OptionError("out - would write binary data to this terminal; send it to a pipe or a file", "out");
}

function sourceOptions(flags: PullFlags): KvsHlsFrameSourceOptions {
  const { streamName, streamArn, region, profile, endpointUrl, cameraId, clock, ffmpeg, timeout } = flags;
  const delivery = flags.delivery ?? (flags.resume === undefined ? undefined : ("complete" as const));
  const { targetFps, sampling, decoder, start, end, parallel, maxLag, wait, resize, maxStaleness } = flags;
  const { hlsSessionSeconds, urlRefreshMargin, reconnectDelay, maxReconnectDelay, backoffMultiplier, maxConsecutiveErrors } = flags;
  return {
    ...{ streamName, streamArn, region, profile, endpointUrl, cameraId, clock, ffmpegPath: ffmpeg, timeout },
    ...{ targetFps, sampling, decoder, start, end, parallel, delivery, maxLag, wait, resize, maxStaleness, pixelFormat: pixelFormatFor(flags) },
    ...{ hlsSessionSeconds, urlRefreshMargin, reconnectDelay, maxReconnectDelay, backoffMultiplier, maxConsecutiveErrors, retry: retryOf(flags) },
  };
}

/** What has no end is a service, which an outage of any length should not end. */
function retryOf({ retry, end, maxFrames, duration, maxConsecutiveErrors }: PullFlags): "bounded" | "forever" {
  const isBounded = [end, maxFrames, duration, maxConsecutiveErrors].some((bound) => bound !== undefined);
  return retry ?? (isBounded ? "bounded" : "forever");
}

/**
 * Whether ffmpeg may write raw pixels to stdout by itself: not where a frame may turn out to be one too many, must be noted once
 * written, or has a record whose reader may wait for it before the pixels.
 */
function mayWriteItself({ out, format, end, maxFrames, duration, resume, framed, manifest }: PullFlags): boolean {
  const isPlain = out === "-" && format === "raw" && !framed && manifest === undefined;
  return isPlain && end !== undefined && maxFrames === undefined && duration === undefined && resume === undefined;
}

/** Image encoders are fastest from rgb24; frames that nobody looks at are cheapest as they leave the decoder. */
function pixelFormatFor({ images, format, pixelFormat }: PullFlags): PixelFormat {
  if (!images || format === "y4m") return "yuv420p";
  return format === "raw" ? (pixelFormat ?? "bgr24") : "rgb24";
}
