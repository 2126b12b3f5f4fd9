import { Command } from "commander";
import { applyConfigFile } from "../config-file.js";
import type { CommandContext } from "../context.js";
import { duration } from "../flag-values.js";
import { addFlags, awsFlags, configFlags, flag, switchFlag, textFlag, type AwsFlags, type FlagGroup } from "../flags.js";

export interface StreamsFlags extends AwsFlags {
  readonly prefix?: string;
  readonly json?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

const EXAMPLES = `
Examples:
  $ kvs-frames streams
  $ kvs-frames streams --prefix lobby- --json | jq -r .name

Requires the kinesisvideo:ListStreams permission. Without --json, each stream is one line: name, status, hours of retention,
and when it was created (UTC).
`;

const streamsFlags = (): FlagGroup[] => [
  {
    heading: "Streams:",
    options: [
      textFlag("--prefix <text>", "list only streams whose names start with this"),
      switchFlag("--json", "print one JSON object per line"),
      ...awsFlags(),
      flag("--timeout <time>", "time limit of one request (default: 15s)", duration),
    ],
  },
  configFlags(),
];

export function streamsCommand(context: CommandContext): Command {
  const command = new Command("streams").description("List the streams of the account in a region").addHelpText("after", EXAMPLES);
  return addFlags(command, streamsFlags()).action(async () => {
    await applyConfigFile(command);
    const { runStreams } = await import("./run.js");
    await runStreams(command.opts<StreamsFlags>(), context);
  });
}
