import { Command } from "commander";
import { applyConfigFile } from "../config-file.js";
import type { CommandContext } from "../context.js";
import { addFlags } from "../flags.js";
import { probeFlags, type ProbeFlags } from "./flags.js";

const EXAMPLES = `
Examples:
  $ kvs-frames probe --stream-name front-door
  $ kvs-frames probe --stream-name front-door --json | jq .pictures.fps
  $ kvs-frames probe --stream-name front-door --max-latency 10s --min-fps 14 --max-gap 2s > /dev/null || alert

With --check: 0 healthy, 69 offline, 75 try again, 76 a threshold is broken, 65, 66, 77, 78 as above all. Without it, whatever
could be found out is 0.
`;

export function probeCommand(context: CommandContext): Command {
  const command = new Command("probe")
    .description("Say in a few seconds what a stream is like and what is wrong with it, without decoding a picture")
    .addHelpText("after", EXAMPLES);
  return addFlags(command, probeFlags()).action(async () => {
    await applyConfigFile(command);
    const { runProbe } = await import("./run.js");
    context.end(await runProbe(command.opts<ProbeFlags>(), context));
  });
}
