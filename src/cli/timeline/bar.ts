import type { TimeSpan } from "../../core/stored-time.js";

/** Nothing, then ever more, then all of a column's time. */
const SHADES = { blocks: ["·", "░", "▒", "▓", "█"], ascii: [".", "-", "=", "+", "#"] } as const;
export type Characters = keyof typeof SHADES;

/** A gap or a stretch that short in a column is not drawn. */
const NEARLY = 0.005;

/** How much of each of `columns` equal parts of a range lies in stretches, 0 to 1. */
export function shares(range: TimeSpan, stretches: readonly TimeSpan[], columns: number): number[] {
  const width = (range.toMs - range.fromMs) / columns;
  const covered = new Array<number>(columns).fill(0);
  for (const { fromMs, toMs } of stretches) {
    const [first, last] = [fromMs, toMs].map((time) => Math.min(columns - 1, Math.floor((time - range.fromMs) / width))) as [number, number];
    for (let at = first; at <= last; at++) {
      const begin = range.fromMs + at * width;
      covered[at] = (covered[at] ?? 0) + Math.max(0, Math.min(toMs, begin + width) - Math.max(fromMs, begin)) / width;
    }
  }
  return covered;
}

/** One character for each share; what is all there, or all missing, but for next to nothing looks like it. */
export const bar = (covered: readonly number[], characters: Characters): string => covered.map((share) => SHADES[characters][shade(share)]).join("");

function shade(share: number): number {
  if (share < NEARLY) return 0;
  if (share > 1 - NEARLY) return SHADES.blocks.length - 1;
  return Math.min(SHADES.blocks.length - 2, 1 + Math.floor(share * (SHADES.blocks.length - 2)));
}

/** Blocks need a locale that has them; `TERM` names terminals that do not. */
export function charactersFor({ LC_ALL, LC_CTYPE, LANG, TERM }: Readonly<Record<string, string | undefined>>): Characters {
  const locale = LC_ALL || LC_CTYPE || LANG || "";
  return /utf-?8/i.test(locale) && TERM !== "dumb" && TERM !== "linux" ? "blocks" : "ascii";
}
