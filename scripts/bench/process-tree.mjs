import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const SAMPLE_MS = 200;

/**
 * The most memory that a process and all below it held at a time (the sum of VmRSS, MB), until the signal. Pages that several
 * of them share are counted for each.
 */
export async function peakMemory(pid, signal) {
  let peak = 0;
  while (!signal.aborted) {
    peak = Math.max(peak, await memoryOf(pid));
    await sleep(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
  }
  return peak;
}

async function memoryOf(root) {
  const parents = await parentsOf();
  const isBelow = (pid) => pid === root || (parents.has(pid) && isBelow(parents.get(pid)));
  const sizes = await Promise.all([...parents.keys()].filter(isBelow).map(residentMb));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function parentsOf() {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return new Map(pids.map((pid, at) => [Number(pid), Number(/\) \S (\d+)/.exec(stats[at])?.[1] ?? 0)]));
}

/** 0 for one that has ended meanwhile. */
async function residentMb(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}
