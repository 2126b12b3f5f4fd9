import { isoTime } from "../../core/time.js";
import type { ProbeFacts } from "../../source/probe/facts.js";
import type { Finding, Verdict } from "../../source/probe/findings.js";

export interface ProbeReport {
  readonly facts: ProbeFacts;
  /** The worst first. */
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
}

/** Grows when a field changes its meaning or goes; new fields do not count. */
const SCHEMA = 1;
/** Unix epoch in the facts, ISO 8601 in what is written. */
const TIMES = new Set(["probedAt", "createdAt", "from", "to", "newestEnd"]);

/** As docs/probe.md describes it, on one line. */
export function jsonReport({ facts, findings, verdict }: ProbeReport): string {
  const report = { type: "probe", schema: SCHEMA, verdict, findings, ...facts };
  return `${JSON.stringify(report, (key, value: unknown) => (typeof value === "number" ? shortened(key, value) : (value ?? null)))}\n`;
}

const shortened = (key: string, value: number): number | string => (TIMES.has(key) ? isoTime(value) : Number(value.toFixed(value < 1 && value > -1 ? 6 : 3)));
