import { readdir, readFile } from "node:fs/promises";
import type { Command } from "./command.js";

export interface ProcessFacts {
  readonly pid: number;
  /** Its arguments, apart by spaces. */
  readonly command: string;
  readonly environment: readonly string[];
}

/**
 * The living processes that a command has started, at whatever remove: those that have its HOME, which is its alone. So they
 * are found also when they have outlived their parent. The command itself is not among them.
 */
export async function descendants({ directory, child }: Pick<Command, "directory" | "child">): Promise<ProcessFacts[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: ProcessFacts[] = [];
  for (const pid of pids) {
    const facts = pid === child.pid ? undefined : await readProcess(pid);
    if (facts?.environment.includes(`HOME=${directory}`)) found.push(facts);
  }
  return found;
}

/** undefined when it is gone. */
async function readProcess(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const [environment, command] = await Promise.all([readFile(`/proc/${pid}/environ`, "utf8"), readFile(`/proc/${pid}/cmdline`, "utf8")]);
    return { pid, command: command.split("\0").join(" ").trim(), environment: environment.split("\0") };
  } catch {
    return undefined;
  }
}
