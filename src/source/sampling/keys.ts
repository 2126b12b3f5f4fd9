import type { SampleEntry } from "../../media/samples.js";

type Entry = Pick<SampleEntry, "sync" | "index" | "ptsMs">;

/**
 * The pictures of a fragment with which decoding can begin, in order of presentation, by the table alone. Where all are flagged so,
 * the flags say nothing: a fragment begins with one by the service's own rule.
 * @param table in decoding order
 */
export function keysOf<E extends Entry>(table: readonly E[]): readonly E[] {
  const flagged = table.filter(({ sync }) => sync);
  const keys = flagged.length === 0 || flagged.length === table.length ? table.slice(0, 1) : flagged;
  return [...keys].sort((a, b) => a.index - b.index);
}

/** The longest time from one of them to the next, which may be in the next fragment: milliseconds. */
export function keyIntervalOf(keys: readonly Entry[], durationMs: number): number {
  const times = [...keys.map(({ ptsMs }) => ptsMs), durationMs];
  return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? 0)));
}
