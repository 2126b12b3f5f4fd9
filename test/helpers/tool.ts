import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a tool to its end and gives its standard output. */
export async function runTool(tool: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Buffer> {
  const { stdout } = await run(tool, args, { encoding: "buffer", maxBuffer: 2 ** 30, timeout: 60_000, env });
  return stdout;
}
