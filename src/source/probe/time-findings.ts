import { isoTime } from "../../core/time.js";
import { isActive } from "./access-findings.js";
import type { ClockFacts, CoverageFacts, LatencyFacts, ProbeFacts } from "./facts.js";
import type { Finding } from "./findings.js";
import { sum } from "./statistics.js";
import { readable } from "./words.js";

/** The service's own pages call 3 to 5 s usual and 10 s the most. */
const LATE_MS = 10_000;
/** Where a clock comes from the network, it is right to a fraction of this. */
const SKEWED_MS = 1000;
const DRIFTING_PPM = 100;
/** A slope of less than so many standard errors may be none. */
const CERTAIN = 3;
const SHOWN = 3;

/** When what was captured: silence, gaps, delays and clocks. */
export function timeFindings(facts: ProbeFacts): Finding[] {
  const { coverage, clock, latency } = facts;
  return [
    ...offlineFindings(facts),
    ...(latency ? lateFindings(latency) : []),
    ...(coverage ? holeFindings(coverage, facts.windowMs) : []),
    ...(clock ? clockFindings(clock) : []),
  ];
}

function offlineFindings({ calls, stream, session, coverage, clock, probedAt, windowMs }: ProbeFacts): Finding[] {
  if (stream !== null && !isActive(stream)) return [];
  const isSilent = session?.mode === "archive" || calls.some(({ api, error }) => api === "GetHLSStreamingSessionURL" && error?.code === "NO_MEDIA");
  if (!isSilent) return [];
  const since = coverage === null
    ? `nothing is stored in the last ${readable(windowMs)}`
    : `its last picture is ${readable(probedAt - coverage.newestEnd + (clock?.skewMs ?? 0))} old`;
  return [{ id: "offline", level: "problem", text: `the camera is offline: ${since}`, advice: "check the camera's power, network and producer; look further back with --window" }];
}

function lateFindings({ totalMs, atLeastMs, isExact, serviceToUsMs }: LatencyFacts): Finding[] {
  const findings: Finding[] = [];
  if (atLeastMs > LATE_MS && isExact) {
    findings.push({
      id: "late",
      level: "warning",
      text: `footage arrives late: ${readable(totalMs)} after its fragment ended`,
      advice: "check the camera's uplink and its sending buffer; a backlog shrinks only if more bandwidth than the bit rate is there",
    });
  }
  if (atLeastMs > LATE_MS && !isExact) {
    const text = `nothing new came while we watched: the newest footage ended ${readable(totalMs)} ago`;
    findings.push({ id: "stalled", level: "warning", text, advice: "probe again: the camera has just gone offline, or its footage arrives late and unevenly" });
  }
  if (serviceToUsMs !== null && serviceToUsMs < -SKEWED_MS) {
    findings.push({ id: "our-clock", level: "warning", text: `this machine's clock is ${readable(-serviceToUsMs)} or more behind the service's`, advice: "set it by NTP: ages and latencies are wrong until then" });
  }
  return findings;
}

function holeFindings({ gaps, overlaps, source }: CoverageFacts, windowMs: number): Finding[] {
  const findings: Finding[] = [];
  const where = source === "index" ? `the last ${readable(windowMs)}` : "the live list";
  const totalMs = sum(gaps.map(({ lengthMs }) => lengthMs));
  if (gaps.length > 0) {
    findings.push({
      id: "gaps",
      level: "warning",
      text: `${gaps.length} ${gaps.length === 1 ? "gap" : "gaps"} in ${where}, ${readable(totalMs)} missing: ${listed(gaps)}`,
      advice: "the service never got this footage: check the camera's network and whether its producer drops or restarts",
    });
  }
  if (overlaps.length > 0) {
    findings.push({
      id: "overlaps",
      level: "warning",
      text: `${overlaps.length} ${overlaps.length === 1 ? "overlap" : "overlaps"} in ${where}: ${listed(overlaps)}`,
      advice: "a clock that was set back, or footage that was sent twice: give the camera a steady clock, or read with --clock server",
    });
  }
  return findings;
}

function listed(stretches: CoverageFacts["gaps"]): string {
  const longest = [...stretches].sort((a, b) => b.lengthMs - a.lengthMs).slice(0, SHOWN);
  const text = longest.map(({ from, lengthMs }) => `${readable(lengthMs)} at ${isoTime(from).slice(11, 19)}Z`).join(", ");
  return stretches.length > SHOWN ? `${text}, …` : text;
}

function clockFindings({ skewMs, driftPpm, driftErrorPpm, stepMs }: ClockFacts): Finding[] {
  const findings: Finding[] = [];
  if (Math.abs(skewMs) > SKEWED_MS) {
    const isAhead = skewMs > 0;
    findings.push({
      id: "skewed",
      level: "warning",
      text: `the camera's clock is ${readable(Math.abs(skewMs))} ${isAhead ? "ahead of" : "behind"} the service's${isAhead ? "" : ", or its footage takes that long to be sent"}`,
      advice: "set the camera's clock by NTP; until then read with --clock server",
    });
  }
  if (stepMs !== 0) {
    findings.push({ id: "clock-step", level: "warning", text: `the camera's clock was set ${stepMs > 0 ? "ahead" : "back"} by ${readable(Math.abs(stepMs))}`, advice: "let NTP slew it instead; what looks like a gap or an overlap there is none" });
  }
  if (driftPpm !== null && driftErrorPpm !== null && Math.abs(driftPpm) > Math.max(DRIFTING_PPM, CERTAIN * driftErrorPpm)) {
    const perDay = Math.abs(driftPpm) * 86.4;
    findings.push({
      id: "drift",
      level: "warning",
      text: `the camera's clock ${driftPpm > 0 ? "gains" : "loses"} ${readable(perDay)} a day, or its footage comes ever ${driftPpm > 0 ? "sooner" : "later"}`,
      advice: "keep the camera's clock by NTP; if it is right, the uplink is too slow for the bit rate",
    });
  }
  return findings;
}
