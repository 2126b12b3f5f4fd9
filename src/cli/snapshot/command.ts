import { Command } from "commander";
import { applyConfigFile } from "../config-file.js";
import type { CommandContext } from "../context.js";
import { addFlags } from "../flags.js";
import { snapshotFlags, type SnapshotFlags } from "./flags.js";

const EXAMPLES = `
Examples:
  $ kvs-frames snapshot --stream-name front-door
  $ kvs-frames snapshot --stream-name front-door --at "2026-11-22T10:15:00Z" --out at-quarter-past.jpg
  $ kvs-frames snapshot --stream-name front --stream-name yard --out "/var/www/{camera}.webp" --fallback archive
  $ kvs-frames snapshot --stream-name front --out "shots/%Y%m%dT%H%M%SZ.jpg" --latest-link shots/latest.jpg
  $ kvs-frames snapshot --stream-name front --out - | display -

One JSON object a stream on stdout; with --out - there is the picture instead. Times take a unit (500ms, 10s, 5m, 2h); a plain number
is seconds.
`;

export function snapshotCommand(context: CommandContext): Command {
  const command = new Command("snapshot")
    .description("Write one picture of a stream to a file: the newest, or the one shown at a time of the past")
    .addHelpText("after", EXAMPLES);
  return addFlags(command, snapshotFlags()).action(async () => {
    await applyConfigFile(command);
    const { runSnapshot } = await import("./run.js");
    context.end(await runSnapshot(command.opts<SnapshotFlags>(), context));
  });
}
