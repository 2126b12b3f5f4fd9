import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { CommandContext, CommandFactory } from "./context.js";
import { errorMessage } from "./error-message.js";
import { exitCodeOf, EXIT_MEANINGS } from "./exit.js";
import { demoCommand } from "./demo.js";
import { emulateCommand } from "./emulate.js";
import { probeCommand } from "./probe/command.js";
import { pullCommand } from "./pull/command.js";
import { snapshotCommand } from "./snapshot/command.js";
import { streamsCommand } from "./streams/command.js";
import { timelineCommand } from "./timeline/command.js";

/** The subcommands, in the order of --help. */
export const COMMANDS: readonly CommandFactory[] = [pullCommand, snapshotCommand, probeCommand, timelineCommand, streamsCommand, (context) => emulateCommand({ ...context, locateFfmpeg: (path) => findFfmpeg(path, context) }), demoCommand];

async function findFfmpeg(given: string | undefined, { env }: CommandContext): Promise<string> {
  const { locateFfmpeg } = await import("../decoder/locate.js");
  return (await locateFfmpeg(given, env)).path;
}

const exitCodes = (): string => Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`).join("\n");

const HELP_END = `
Examples:
  $ kvs-frames pull --stream-name front-door --target-fps 1
  $ kvs-frames snapshot --stream-name front-door --out door.jpg
  $ kvs-frames probe --stream-name front-door
  $ kvs-frames timeline --stream-name front-door --start -24h
  $ kvs-frames demo

Exit codes:
${exitCodes()}
`;

/** Runs one command line and gives its exit code; what goes wrong is told on stderr in one sentence. */
export async function runCommandLine(argv: readonly string[], context: Omit<CommandContext, "end">, factories = COMMANDS): Promise<number> {
  let exitCode: number | undefined;
  const end = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram({ ...context, end }, factories);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode ?? (context.signal.aborted ? exitCodeOf(context.signal.reason) : 0);
  } catch (error) {
    const message = errorMessage(error);
    if (message !== undefined) context.stderr.write(`kvs-frames: ${message}\n`);
    return exitCodeOf(error);
  }
}

function createProgram(context: CommandContext, factories: readonly CommandFactory[]): Command {
  const program = new Command("kvs-frames")
    .description("Frames of cameras on Amazon Kinesis Video Streams: every frame once, in order, with its exact capture time")
    .version(packageVersion(), "-v, --version")
    .addHelpText("after", HELP_END)
    .exitOverride() // errors come as exceptions, for one place to tell them
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined,
    });
  for (const create of factories) program.addCommand(create(context).copyInheritedSettings(program));
  return program;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}
