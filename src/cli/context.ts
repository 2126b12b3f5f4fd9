import type { Writable } from "node:stream";
import type { Command } from "commander";
import type { OpenSource } from "./open-source.js";

/** A standard stream; `isTTY` where a person is watching it. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly fd?: number };

/** What a command gets from the process, so that it need not touch it. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborts with an Interrupted when the command is asked to stop: finish what is in hand, then return. */
  readonly signal: AbortSignal;
  /** Calls the listener on SIGHUP, by which log rotation asks to reopen files. */
  readonly onHangUp: (listener: () => void) => void;
  readonly openSource: OpenSource;
  /** The exit code of a command that ran; one that throws gets its error's. */
  readonly end: (exitCode: number) => void;
}

/** Makes a subcommand; what only its action needs is imported there, so that --help stays quick. */
export type CommandFactory = (context: CommandContext) => Command;
