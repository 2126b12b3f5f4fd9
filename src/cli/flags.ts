import { Option, type Command } from "commander";
import { OptionError } from "../core/errors.js";
import { CLOCKS, type Clock } from "../core/frame.js";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../telemetry/log-options.js";
import { duration, oneOf, text, type Reader } from "./flag-values.js";

/** Flags that belong together in --help. */
export interface FlagGroup {
  readonly heading: string;
  readonly options: readonly Option[];
}

/** A flag with a value, read by `read`, which is told the option's name for its message. */
export function flag<T>(flags: string, description: string, read: (option: string) => Reader<T>): Option {
  const option = new Option(flags, description);
  return option.argParser(read(option.attributeName()));
}

export const textFlag = (flags: string, description: string): Option => flag(flags, description, text);

/** A text that may be given once: a second one would otherwise win without a word. */
function onceFlag(flags: string, description: string): Option {
  const option = new Option(flags, description);
  const name = option.attributeName();
  const read = text(name);
  return option.argParser((given, before?: string) => {
    const value = read(given);
    if (before !== undefined) throw new OptionError(`${name} takes one stream, got "${before}" and "${value}"; run the command once for each`, name);
    return value;
  });
}

/** @param short other words for some of the values */
export function choiceFlag(flags: string, description: string, values: readonly string[], short: ReadonlyMap<string, string> = new Map()): Option {
  const option = new Option(flags, description).choices(values); // for --help; the reader after it has our message
  const read = oneOf(values)(option.attributeName());
  return option.argParser((given) => read(short.get(given) ?? given));
}

export const switchFlag = (flags: string, description: string): Option => new Option(flags, description);

export interface StreamFlags extends AwsFlags {
  readonly streamName?: string;
  readonly streamArn?: string;
  readonly cameraId?: string;
  readonly clock?: Clock;
  readonly ffmpeg?: string;
  readonly timeout?: number;
}

export interface AwsFlags {
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
}

/** How to reach the service. */
export const awsFlags = (): Option[] => [
  textFlag("--region <region>", "AWS region (default: the ARN's, or the AWS environment's)"),
  textFlag("--profile <name>", "profile of the AWS config files"),
  textFlag("--endpoint-url <url>", "address to use instead of the service's own (default: AWS_ENDPOINT_URL, or the service's own)"),
];

/** How to reach a stream: of every command that reads some. */
export const accessFlags = (): Option[] => [
  ...awsFlags(),
  textFlag("--camera-id <id>", "name of the camera in files, records and metrics (default: the stream's name)"),
  choiceFlag("--clock <clock>", "whose clock capture times are on (default: producer)", CLOCKS),
  textFlag("--ffmpeg <path>", "ffmpeg to decode with (default: KVS_FRAMES_FFMPEG, FFMPEG_BIN, PATH, then ffmpeg-static)"),
];

/** Which stream, and how to reach it: of every command that reads one. */
export const streamFlags = (): FlagGroup => ({
  heading: "Stream:",
  options: [
    onceFlag("--stream-name <name>", "the stream, by name"),
    onceFlag("--stream-arn <arn>", "the stream, by ARN"),
    ...accessFlags(),
    flag("--timeout <time>", "time limit of one request (default: 15s)", duration),
  ],
});

export interface LogFlags {
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
  readonly quiet?: boolean;
}

const DEFAULT_LEVEL = "info; warn with the status line, error with --quiet";

export const logFlags = (defaultLevel = DEFAULT_LEVEL, others: readonly Option[] = []): FlagGroup => ({
  heading: "Messages, on stderr:",
  options: [
    choiceFlag("--log-level <level>", `least level to show (default: ${defaultLevel})`, LOG_LEVELS),
    choiceFlag("--log-format <format>", "lines for people or for machines (default: text)", LOG_FORMATS),
    switchFlag("-q, --quiet", "no status line, and errors only"),
    ...others,
  ],
});

export const configFlags = (): FlagGroup => ({
  heading: "Other:",
  options: [textFlag("--config <file>", "JSON object of long flags and their values; flags given here win")],
});

export function addFlags(command: Command, groups: readonly FlagGroup[]): Command {
  for (const { heading, options } of groups) {
    for (const option of options) command.addOption(option.helpGroup(heading));
  }
  return command;
}
