import { isoTime } from "../../core/time.js";
import type { Finding, Level } from "../../source/probe/findings.js";
import { readable } from "../../source/probe/words.js";
import type { ProbeReport } from "./json.js";
import { hanging, WIDTH, wrap } from "./layout.js";
import { sections, type Section } from "./sections.js";
import type { Colour, Paint } from "./style.js";

const VERDICTS: Readonly<Record<Level, readonly [word: string, colour: Colour]>> = {
  ok: ["HEALTHY", "green"],
  note: ["HEALTHY", "green"],
  warning: ["WARNING", "yellow"],
  problem: ["PROBLEM", "red"],
};
const MARKS: Readonly<Record<Level, readonly [mark: string, colour: Colour]>> = { ok: ["ok", "green"], note: ["- ", "cyan"], warning: ["! ", "yellow"], problem: ["x ", "red"] };
const LABEL_WIDTH = 20;

/** For people, 80 columns wide: the verdict, what to do, then what was seen. */
export function textReport({ facts, findings, verdict }: ProbeReport, paint: Paint): string {
  const [word, colour] = VERDICTS[verdict.level];
  const [first = "", ...rest] = verdict.text === "healthy" ? [word] : hanging(`${word}  `, verdict.text);
  const lines = [
    ...wrap(`${facts.asked}, probed at ${isoTime(facts.probedAt)} in ${readable(facts.tookMs)}`, WIDTH),
    "",
    first.replace(word, paint(colour, word)),
    ...rest,
    "",
    ...findings.flatMap((finding) => findingLines(finding, paint)),
    ...sections(facts).flatMap((section) => sectionLines(section, paint)),
  ];
  return `${lines.join("\n")}\n`;
}

function findingLines({ level, text, advice }: Finding, paint: Paint): string[] {
  const [mark, colour] = MARKS[level];
  const [first = "", ...rest] = hanging(`${mark} `, text);
  const advised = advice === "" ? [] : hanging("   -> ", advice).map((line) => paint("dim", line));
  return [paint(colour, mark) + first.slice(mark.length), ...rest, ...advised];
}

function sectionLines({ title, rows }: Section, paint: Paint): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(LABEL_WIDTH, ...rows.map(([label]) => label.length + 4));
  return ["", paint("bold", title), ...rows.flatMap(([label, value]) => hanging(`  ${label}`.padEnd(width), value))];
}
