import { Command } from "commander";
import { applyConfigFile } from "../config-file.js";
import type { CommandContext } from "../context.js";
import { addFlags } from "../flags.js";
import { pullFlags, type PullFlags } from "./flags.js";

const EXAMPLES = `
Examples:
  $ kvs-frames pull --stream-name front-door --target-fps 1
  $ kvs-frames pull --stream-name front-door --duration 10s --out shots --filename "%Y/%m/%d/{camera}_%H%M%S_{seq}"
  $ kvs-frames pull --stream-name front-door --format raw --pixel-format gray8 --out - | ./my-detector
  $ kvs-frames pull --stream-name front-door --start -2h --end now --dry-run
  $ kvs-frames pull --stream-name front-door --resume front-door.resume >> front-door.ndjson
  $ kvs-frames pull --stream-name front-door --no-images | jq -r 'select(.type == "frame").capturedAt'

Times take a unit (500ms, 10s, 5m, 2h); a plain number is seconds.
`;

export function pullCommand(context: CommandContext): Command {
  const command = new Command("pull")
    .description("Write each frame of a stream to an image file, and a line about it to stdout")
    .addHelpText("after", EXAMPLES);
  return addFlags(command, pullFlags()).action(async () => {
    await applyConfigFile(command);
    const { runPull } = await import("./run.js");
    context.end(await runPull(command.opts<PullFlags>(), context));
  });
}
