import { Option } from "commander";
import { DEFAULT_QUALITY, IMAGE_FORMATS, SHORT_FORMATS, type ImageFormat } from "../../sinks/formats.js";
import { duration, positiveDuration, size, text, wholeNumber, type Size } from "../flag-values.js";
import { accessFlags, choiceFlag, configFlags, flag, logFlags, textFlag, type FlagGroup, type LogFlags, type StreamFlags } from "../flags.js";
import { timePoint } from "../time-point.js";

/** Times are in seconds, as in the library. */
export interface SnapshotFlags extends Omit<StreamFlags, "streamName" | "streamArn" | "timeout">, LogFlags {
  readonly streamName?: readonly string[];
  readonly streamArn?: readonly string[];
  readonly at?: number;
  readonly sampling?: "exact" | "keyframe";
  readonly maxAge?: number;
  readonly fallback?: "archive";
  readonly timeout: number;
  readonly out?: string;
  readonly format?: ImageFormat;
  readonly quality?: number;
  readonly resize?: Size;
  readonly latestLink?: string;
}

/** Each one given is added to those before it. */
function repeatable(flags: string, description: string): Option {
  const option = new Option(flags, description);
  const read = text(option.attributeName());
  return option.argParser((given, others: readonly string[] = []) => [...others, read(given)]);
}

const streamsFlags = (): FlagGroup => ({
  heading: "Streams:",
  options: [repeatable("--stream-name <name>", "a stream, by name; repeatable"), repeatable("--stream-arn <arn>", "a stream, by ARN; repeatable"), ...accessFlags()],
});

const pictureFlags = (): FlagGroup => ({
  heading: "Picture:",
  options: [
    flag("--at <time>", "the picture shown then, from what is stored: 2026-11-22T10:15:00Z, 1795342500 or -2h (default: the newest)", timePoint()),
    choiceFlag("--sampling <how>", "exact: the last picture; keyframe: the last one that stands alone, a little older for a tenth of the bytes (default: exact)", ["exact", "keyframe"]),
    flag("--max-age <time>", "how old the newest picture may be (default: 30s)", duration),
    choiceFlag("--fallback <where>", "with the camera offline or the picture too old, take the last one stored", ["archive"]),
    flag("--timeout <time>", "time limit of it all", positiveDuration).default(20, "20s"),
  ],
});

const outputFlags = (): FlagGroup => ({
  heading: "Output:",
  options: [
    textFlag("--out <file>", "file, replaced as a whole, or - for stdout; with strftime in UTC and {camera} {fragment} {index} {ext} (default: {camera}.{ext})"),
    choiceFlag("--format <format>", "what to write (default: by the name of --out, or jpeg)", IMAGE_FORMATS, SHORT_FORMATS),
    flag("--quality <1-100>", `of jpeg and webp (default: ${DEFAULT_QUALITY})`, wholeNumber(1, 100)),
    flag("--resize <size>", "1280x720, or one side of it: 1280x, x720", size),
    textFlag("--latest-link <file>", "a link that leads to the picture just written; a template like --out"),
  ],
});

export const snapshotFlags = (): FlagGroup[] => [streamsFlags(), pictureFlags(), outputFlags(), logFlags("warn; error with --quiet"), configFlags()];
