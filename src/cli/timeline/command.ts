import { Command } from "commander";
import { applyConfigFile } from "../config-file.js";
import type { CommandContext } from "../context.js";
import { addFlags } from "../flags.js";
import { timelineFlags, type TimelineFlags } from "./flags.js";

const EXAMPLES = `
Examples:
  $ kvs-frames timeline --stream-name front-door
  $ kvs-frames timeline --stream-name front-door --start 2026-11-20 --end 2026-11-22T06:00Z
  $ kvs-frames timeline --stream-name front-door --json | jq '.gaps[] | select(.durationMs > 60000)'
  $ kvs-frames timeline --stream-name front-door --start -1h --sheet front-door.jpg

The capture times on a --sheet and all others are UTC. Reading the index costs no media; a --sheet costs a fragment a picture.
`;

export function timelineCommand(context: CommandContext): Command {
  const command = new Command("timeline")
    .description("Show what is stored of a stream between two times, and what is missing")
    .addHelpText("after", EXAMPLES);
  return addFlags(command, timelineFlags()).action(async () => {
    await applyConfigFile(command);
    const { runTimeline } = await import("./run.js");
    await runTimeline(command.opts<TimelineFlags>(), context);
  });
}
