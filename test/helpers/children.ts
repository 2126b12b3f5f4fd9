import { readdirSync, readFileSync } from "node:fs";

/** Command lines of this process's ffmpeg decoders that still run (Linux; elsewhere none are seen). */
export function childrenRunning(): string[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.flatMap((pid) => {
    try {
      const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return parent === String(process.pid) && state !== "Z" && command.includes("pipe:0") ? [command] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}
