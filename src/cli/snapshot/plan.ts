import { extname, posix, sep, win32 } from "node:path";
import { OptionError } from "../../core/errors.js";
import type { SnapshotOptions } from "../../core/option-types.js";
import { resolveSnapshotOptions } from "../../core/options.js";
import { compileFilename, type FilenameTemplate } from "../../sinks/filename.js";
import { EXTENSIONS, IMAGE_FORMATS, type ImageFormat } from "../../sinks/formats.js";
import type { SnapshotFlags } from "./flags.js";

/** One stream's part of a run. */
export interface StreamPlan {
  readonly cameraId: string;
  readonly source: SnapshotOptions;
  /** undefined: to stdout. */
  readonly file: FilenameTemplate | undefined;
  /** Of the link that leads to the file. */
  readonly link: FilenameTemplate | undefined;
}

/** Everything about a run that its flags decide. */
export interface SnapshotPlan {
  readonly streams: readonly StreamPlan[];
  readonly format: ImageFormat;
  readonly quality: number | undefined;
  /** For all of it. */
  readonly timeoutMs: number;
}

const DEFAULT_MAX_AGE = 30;
/** What a timer holds; a longer time would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A request's own limit, where that of the run is longer. */
const REQUEST_SECONDS = { min: 0.1, max: 15 };

/** @throws OptionError for values and combinations that cannot work, before anything is opened. */
export function planSnapshot(flags: SnapshotFlags, { isTerminal }: { isTerminal: boolean }): SnapshotPlan {
  const format = formatOf(flags);
  const sources = sourcesOf(flags, format);
  refuseConflicts({ ...flags, format }, sources.length, isTerminal);
  const streams = sources.map((source): StreamPlan => {
    const { cameraId } = resolveSnapshotOptions(source);
    const path = (option: "out" | "latestLink", template: string): FilenameTemplate => compilePath(template, { cameraId, extension: EXTENSIONS[format], option, isExact: true });
    return {
      cameraId,
      source,
      file: flags.out === "-" ? undefined : path("out", flags.out ?? "{camera}.{ext}"),
      link: flags.latestLink === undefined ? undefined : path("latestLink", flags.latestLink),
    };
  });
  const twice = streams.find(({ cameraId }, place) => streams.findIndex((other) => other.cameraId === cameraId) < place);
  if (twice) throw new OptionError(`streamName names "${twice.cameraId}" twice: each stream once, and in runs of their own where two have one name`, "streamName");
  return { streams, format, quality: flags.quality, timeoutMs: Math.min(flags.timeout * 1000, MAX_TIMER_MS) };
}

function sourcesOf(flags: SnapshotFlags, format: ImageFormat): SnapshotOptions[] {
  const { region, profile, endpointUrl, cameraId, clock, ffmpeg, at, sampling, fallback, resize } = flags;
  const maxAge = flags.maxAge ?? (at === undefined ? DEFAULT_MAX_AGE : undefined);
  const timeout = Math.max(REQUEST_SECONDS.min, Math.min(REQUEST_SECONDS.max, flags.timeout));
  // Image encoders are fastest from rgb24.
  const pixelFormat = format === "raw" ? "bgr24" : "rgb24";
  const common = { region, profile, endpointUrl, cameraId, clock, ffmpegPath: ffmpeg, at, sampling, fallback, maxAge, resize, timeout, pixelFormat } as const;
  const sources = [...(flags.streamName ?? []).map((streamName) => ({ streamName, ...common })), ...(flags.streamArn ?? []).map((streamArn) => ({ streamArn, ...common }))];
  return sources.length === 0 ? [common] : sources; // what is missing is told by the check of the options
}

/** By the name that is asked for, unless it is said. */
function formatOf({ format, out = "" }: SnapshotFlags): ImageFormat {
  const extension = extname(out).slice(1).toLowerCase();
  const named = extension === "jpeg" ? "jpeg" : IMAGE_FORMATS.find((each) => EXTENSIONS[each] === extension);
  if (format !== undefined && named !== undefined && named !== format) throw new OptionError(`out must end in .${EXTENSIONS[format]} with --format ${format}, got "${out}"`, "out");
  return format ?? named ?? "jpeg";
}

function refuseConflicts({ out, quality, format, latestLink, cameraId }: SnapshotFlags, streams: number, isTerminal: boolean): void {
  if (quality !== undefined && (format === "raw" || format === "png")) throw new OptionError(`quality is for --format jpeg and webp only, got ${quality} with --format ${format}`, "quality");
  if (out === "-" && latestLink !== undefined) throw new OptionError('latestLink leads to a file, and out "-" writes none; drop one of them', "latestLink");
  if (out !== undefined && out === latestLink) throw new OptionError(`latestLink must have a name of its own, got that of the picture, "${out}"`, "latestLink");
  if (out === "-" && isTerminal) throw new OptionError("out - would write binary data to this terminal; send it to a pipe or a file", "out");
  if (streams === 1) return;
  if (out === "-") throw new OptionError(`out - takes one picture, got ${streams} streams; give a file with {camera} in its name`, "out");
  if (cameraId !== undefined) throw new OptionError(`cameraId is the name of one camera, got ${streams} streams`, "cameraId");
  for (const [option, template] of [["out", out], ["latestLink", latestLink]] as const) {
    if (template !== undefined && !template.includes("{camera}")) throw new OptionError(`${option} needs {camera} in its name for ${streams} streams, got "${template}"`, option);
  }
}

/**
 * The part up to the first placeholder may lead anywhere: it is what the caller says, and what follows stays below it.
 * @param isWindows a backslash ends a directory's name too, as does the colon of a drive
 */
export function compilePath(template: string, options: Parameters<typeof compileFilename>[1], isWindows = sep === "\\"): FilenameTemplate {
  const [literal = ""] = template.split(/[%{]/, 1);
  const [directory = ""] = (isWindows ? /^.*[/\\]|^[a-z]:/is : /^.*\//s).exec(literal) ?? [];
  const end = directory.length;
  const name = compileFilename(template.slice(end), options);
  const { normalize } = isWindows ? win32 : posix;
  return (named) => normalize(`${directory}${name(named)}`);
}
