import { durationOf, type TimeSpan } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";
import type { StoredTimeline } from "../../source/timeline/stored-timeline.js";
import { axis } from "./axis.js";
import { bar, shares, type Characters } from "./bar.js";
import { formatBytes, formatCount, formatDuration, formatShare, plural } from "./quantities.js";
import { longestFirst, totalsOf } from "./totals.js";

export interface ReportStyle {
  readonly characters: Characters;
  readonly isColored: boolean;
}

const COLUMNS = 76;
const INDENT = "  ";
const GAPS_SHOWN = 12;
/** Blocks by what they stand for: green for what is there, yellow for parts, red for nothing. */
const COLORS: readonly (readonly [RegExp, number])[] = [[/[█#]+/g, 32], [/[░▒▓\-=+]+/g, 33], [/[·.]+/g, 31]];

/** What is stored, for people: 80 columns at most. */
export function report(timeline: StoredTimeline, camera: string, style: ReportStyle): string {
  const { range, stretches, gaps } = timeline;
  const totals = totalsOf(timeline);
  const drawn = bar(shares(range, stretches, COLUMNS), style.characters);
  const lines = [
    ...headline(camera, `${seconds(range.fromMs)} to ${seconds(range.toMs)} UTC (${range.clock} clock)`),
    "",
    INDENT + (style.isColored ? colored(drawn) : drawn),
    ...axis(range, COLUMNS).map((line) => INDENT + line),
    "",
    `stored     ${formatDuration(totals.coveredMs)} of ${formatDuration(durationOf(range))} (${formatShare(totals.share)}) in ${plural(stretches.length, "stretch")}`,
    `fragments  ${formatCount(totals.fragments)}, ${formatBytes(totals.bytes)}`,
    `oldest     ${milliseconds(totals.oldestMs)}`,
    `newest     ${milliseconds(totals.newestMs)}`,
    ...gapLines(gaps, style),
  ];
  return `${lines.join("\n")}\n`;
}

/** The name alone where both do not fit in a line. */
function headline(camera: string, range: string): string[] {
  const line = `${camera}  ${range}`;
  return line.length <= COLUMNS + 2 * INDENT.length ? [line] : [camera, range];
}

function gapLines(gaps: readonly TimeSpan[], { characters }: ReportStyle): string[] {
  if (gaps.length === 0) return ["gaps       none"];
  const shown = longestFirst(gaps).slice(0, GAPS_SHOWN).sort((a, b) => a.fromMs - b.fromMs);
  const rest = gaps.length - shown.length;
  return [
    `gaps       ${formatCount(gaps.length)}, the longest ${formatDuration(durationOf(longestFirst(shown)[0] ?? { fromMs: 0, toMs: 0 }))}`,
    "",
    `${INDENT}${"from (UTC)".padEnd(25)}${"to".padEnd(25)}${"length".padStart(12)}`,
    ...shown.map((gap) => `${INDENT}${milliseconds(gap.fromMs).padEnd(25)}${milliseconds(gap.toMs).padEnd(25)}${formatDuration(durationOf(gap)).padStart(12)}`),
    ...(rest > 0 ? [`${INDENT}${characters === "blocks" ? "…" : "..."} and ${formatCount(rest)} shorter; --json has them all`] : []),
  ];
}

/** "2026-11-22 10:15:00.120" */
const milliseconds = (time: number): string => isoTime(time).slice(0, 23).replace("T", " ");
const seconds = (time: number): string => milliseconds(time).slice(0, 19);

function colored(drawn: string): string {
  // All at once: an escape sequence holds characters that would be coloured again.
  const all = new RegExp(COLORS.map(([{ source }]) => `(${source})`).join("|"), "g");
  return drawn.replace(all, (run, ...groups: unknown[]) => `\u001b[${COLORS[groups.findIndex((group) => group === run)]?.[1] ?? 0}m${run}\u001b[0m`);
}
