const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000]] as const;
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** "350 ms", "12.3 s", "12 m 30 s", "23 h 41 m", "3 d 04 h": the two largest units. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [unit, size] = UNITS.find(([, each]) => seconds * 1000 >= each) ?? UNITS[2];
  const [smaller, part] = UNITS[UNITS.findIndex(([each]) => each === unit) + 1] ?? ["s", 1000];
  const rest = Math.floor(((seconds * 1000) % size) / part);
  return `${Math.floor((seconds * 1000) / size)} ${unit} ${String(rest).padStart(2, "0")} ${smaller}`;
}

/** "8.4 MB" */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${BYTE_UNITS[power]}`;
}

/** "12,345" */
export const formatCount = (count: number): string => count.toLocaleString("en-US");

export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : noun.endsWith("ch") ? "es" : "s"}`;

/** "98.7 %"; not 100 while something is missing, nor 0 while something is there. */
export function formatShare(share: number): string {
  const bounded = share >= 1 ? 1 : share <= 0 ? 0 : Math.min(0.999, Math.max(0.001, share));
  return `${(bounded * 100).toFixed(bounded === 1 || bounded === 0 ? 0 : 1)} %`;
}
