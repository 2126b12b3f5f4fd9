import { accessFindings } from "./access-findings.js";
import type { ProbeFacts } from "./facts.js";
import { mediaFindings } from "./media-findings.js";
import { brokenThresholds, type Thresholds } from "./thresholds.js";
import { timeFindings } from "./time-findings.js";

export type Level = "ok" | "note" | "warning" | "problem";

/** Something that a person should know, and what to do about it. */
export interface Finding {
  /** Never changes its meaning, for programs. */
  readonly id: string;
  readonly level: Level;
  /** What is the matter, with the value seen. */
  readonly text: string;
  /** What to do; "" where there is nothing to do. */
  readonly advice: string;
}

export interface Verdict {
  /** The worst of the findings. */
  readonly level: Level;
  readonly text: string;
}

const WORST_FIRST: readonly Level[] = ["problem", "warning", "note", "ok"];

/** What the facts mean, the worst first. */
export function judge(facts: ProbeFacts, thresholds: Thresholds = {}): Finding[] {
  const findings = [...accessFindings(facts), ...timeFindings(facts), ...mediaFindings(facts), ...brokenThresholds(facts, thresholds)];
  const isFine = findings.every(({ level }) => level === "note");
  const all = isFine ? [{ id: "healthy", level: "ok" as const, text: "nothing is wrong with this stream", advice: "" }, ...findings] : findings;
  return sorted(all);
}

const sorted = (findings: readonly Finding[]): Finding[] => [...findings].sort((a, b) => WORST_FIRST.indexOf(a.level) - WORST_FIRST.indexOf(b.level));

/** The one sentence for who reads no further. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const [worst] = sorted(findings);
  if (worst === undefined || worst.level === "ok" || worst.level === "note") return { level: "ok", text: "healthy" };
  const others = findings.filter(({ level }) => level === "problem" || level === "warning").length - 1;
  return { level: worst.level, text: others > 0 ? `${worst.text}; and ${others} more` : worst.text };
}
