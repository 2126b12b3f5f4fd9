import { readdir, readFile } from "node:fs/promises";
import type { Command } from "./command.js";

export interface ProcessFacts {
  readonly pid: number;
  /** Its arguments, apart by spaces. */
  readonly command: string;
}

/**
 * The living processes that a command has started, at whatever remove: those that have its HOME, which is its alone. So they
 * are found also when they have outlived their parent. The command itself is not among them.
 */
export async function descendants({ directory, child }: Pick<Command, "directory" | "child">): Promise<ProcessFacts[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => pid === child.pid ? undefined : readProcess(pid, `HOME=${directory}`)));
  return found.filter((each) => each !== undefined);
}

/** undefined when it has another environment, or is gone, as a zombie is. */
async function readProcess(pid: number, marker: string): Promise<ProcessFacts | undefined> {
  try {
    const [environment, command] = await Promise.all(["environ", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")));
    return environment?.split("\0").includes(marker) ? { pid, command: (command ?? "").split("\0").join(" ").trim() } : undefined;
  } catch {
    return undefined;
  }
}
