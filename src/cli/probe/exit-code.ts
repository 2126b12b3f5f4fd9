import { INCOMPLETE } from "../exit.js";
import type { ProbeReport } from "./json.js";

const UNDECODABLE = 65;
const NO_MEDIA = 69;
const TEMPORARY = 75;

/** By the id of a problem, the first that is there. */
const BY_PROBLEM: readonly (readonly [id: string, exitCode: number])[] = [
  ["not-found", 66],
  ["forbidden", 77],
  ["no-retention", 78],
  ["unsupported", UNDECODABLE],
  ["broken-media", UNDECODABLE],
  ["throttled", TEMPORARY],
  ["unreachable", TEMPORARY],
  ["timeout", TEMPORARY],
  ["service-error", TEMPORARY],
  ["not-active", TEMPORARY],
  ["offline", NO_MEDIA],
  ["max-latency", INCOMPLETE],
  ["min-fps", INCOMPLETE],
  ["max-gap", INCOMPLETE],
];

/** Without a check, a report that says anything of the stream is a success, whatever it says. */
export function probeExitCode({ facts, findings }: ProbeReport, isCheck: boolean): number {
  if (!isCheck && (facts.stream !== null || facts.session !== null)) return 0;
  const problems = new Set(findings.filter(({ level }) => level === "problem").map(({ id }) => id));
  return BY_PROBLEM.find(([id]) => problems.has(id))?.[1] ?? 0;
}
