import { readdir, readFile } from "node:fs/promises";

/** Memory, open descriptors and children of a process (Linux); undefined when it is gone. */
export async function sampleProcess(pid) {
  try {
    const [rssMb, descriptors, children] = await Promise.all([residentMb(pid), readdir(`/proc/${pid}/fd`), childrenOf(pid)]);
    const sizes = await Promise.all(children.map((child) => residentMb(child).catch(() => 0))); // one that has ended meanwhile
    return { rssMb, descriptors: descriptors.length, children: children.length, childrenMb: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    return undefined;
  }
}

/** A process that has ended and was not waited for yet has no such line. */
async function residentMb(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no memory`);
  return (Number(kilobytes) * 1024) / 1e6;
}

async function childrenOf(pid) {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((each) => readFile(`/proc/${each}/stat`, "utf8").catch(() => "")));
  return pids.filter((_, at) => /\) \S (\d+)/.exec(stats[at])?.[1] === String(pid));
}
