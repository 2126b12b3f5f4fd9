import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import { Command, recordsOf, type CommandResult, type Environment, type Json } from "./command.js";
import { startHostile, type Hostility } from "./hostile-service.js";
import { descendants } from "./processes.js";
import { assertNoToken } from "./token-leak.js";

/** Megabytes that the command itself may ever take. */
const MOST_MEMORY = 200;
const LONGEST_MS = 25_000;
const QUICKLY = ["--timeout", "1s", "--reconnect-delay", "0.05s", "--max-reconnect-delay", "0.05s", "--max-consecutive-errors", "2", "--wait", "8s"];

export interface HostileRun extends CommandResult {
  readonly records: readonly Json[];
  /** Most memory it ever took, megabytes. */
  readonly peak: number;
}

/** Pulls from a hostile service: it asks nobody else, takes little memory, ends in time and tells no token, whatever comes. */
export async function pullFrom(context: TestContext, hostility: Hostility, { flags = [], env = {} }: { flags?: readonly string[]; env?: Environment } = {}): Promise<HostileRun> {
  await using service = await startHostile(hostility);
  const startedAt = performance.now();
  const argv = ["pull", "--stream-name", "front", "--endpoint-url", service.server.origin, "--out", "frames", ...QUICKLY, ...flags];
  const command = await Command.start(context, argv, { env });
  const seen = { peak: 0, commands: "" };
  let isOver = false;
  const ended = command.ended.finally(() => (isOver = true));
  while (!isOver) {
    seen.peak = Math.max(seen.peak, await peakOf(command.child.pid));
    seen.commands += (await descendants(command)).map((child) => child.command).join("\n");
    await Promise.race([sleep(40), ended]);
  }
  const result = await ended;
  assert.ok(performance.now() - startedAt < LONGEST_MS, `it took ${Math.round(performance.now() - startedAt)} ms: ${result.stderr}`);
  assert.deepEqual(service.canary.asked, [], "somebody else was asked");
  context.diagnostic(`at most ${seen.peak} MB`);
  assert.ok(seen.peak > 20 && seen.peak < MOST_MEMORY, `it took ${seen.peak} MB`);
  assertNoToken(seen.commands, "the process list");
  for (const [name, text] of await filesOf(command.directory)) assertNoToken(text, name);
  return { ...result, records: recordsOf(result.stdout), peak: seen.peak };
}

/** Megabytes. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

async function filesOf(directory: string): Promise<(readonly [string, string])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map(async (entry) => [entry.name, await readFile(join(entry.path, entry.name), "latin1")] as const));
}
