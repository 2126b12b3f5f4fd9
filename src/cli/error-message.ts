import { CommanderError } from "commander";
import { FrameSourceError, OptionError } from "../core/errors.js";
import { printable, redact } from "../core/redact.js";
import { Interrupted } from "./interrupted.js";

/** One sentence for people, or undefined where there is nothing to say. */
export function errorMessage(error: unknown): string | undefined {
  const text = describe(error);
  return text && printable(redact(text.replace(/\s*\n\s*/g, " ")));
}

function describe(error: unknown): string | undefined {
  if (error instanceof CommanderError) return error.exitCode === 0 || error.code === "commander.help" ? undefined : commanderMessage(error);
  if (error instanceof Interrupted) return undefined; // who stopped us knows
  if (error instanceof OptionError) return withFlagNames(error);
  if (error instanceof FrameSourceError) return error.message;
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `internal error: ${detail}; this is a bug, please report it with the output of --log-level debug`;
}

/** "error: unknown option '--fpss'\n(Did you mean --fps?)" as a sentence like ours. */
function commanderMessage({ message }: CommanderError): string {
  const sentence = message.replace(/^error: /, "").replace(/\s+/g, " ").replace(/\.$/, "").replace(/\. /g, "; ").replace("(Did", "(did");
  return `${sentence}; see --help`;
}

/** Options of the library whose flag is not their own name in kebab case. */
const OTHER_FLAGS: Readonly<Record<string, string>> = { ffmpegPath: "--ffmpeg" };

/** "--max-lag" of "maxLag", "--resize width" of "resize.width". */
const flagOf = (option: string): string => OTHER_FLAGS[option] ?? `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(".", " ")}`;

const QUOTED_OR_OPTION = /"(?:[^"\\]|\\.)*"|'[^']*'|\b[a-z]+(?:[A-Z][a-z]*)+\b/g;

/** The library speaks of options, the command line of flags. A value in quotes stays as it was typed. */
function withFlagNames({ message, option }: OptionError): string {
  const isAboutOption = message.startsWith(option);
  const [head, rest] = isAboutOption ? [flagOf(option), message.slice(option.length)] : ["", message];
  return head + rest.replace(QUOTED_OR_OPTION, (match) => (/^["']/.test(match) ? match : flagOf(match)));
}
