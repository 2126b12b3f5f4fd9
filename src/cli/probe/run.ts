import { OptionError } from "../../core/errors.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { judge, verdictOf } from "../../source/probe/findings.js";
import { probe } from "../../source/probe/probe.js";
import type { Thresholds } from "../../source/probe/thresholds.js";
import type { CommandContext } from "../context.js";
import { probeExitCode } from "./exit-code.js";
import type { ProbeFlags } from "./flags.js";
import { jsonReport } from "./json.js";
import { textReport } from "./report.js";
import { painter } from "./style.js";

const LONGEST_WINDOW = 86_400;
const CLEAR_LINE = "\r\x1b[2K";

/** Probes, reports and gives the exit code. */
export async function runProbe(flags: ProbeFlags, { stdout, stderr, env, signal }: CommandContext): Promise<number> {
  const { json = false, check, window, pricePerGb, timeout, maxLatency, minFps, maxGap, streamName, streamArn, region, profile, endpointUrl } = flags;
  if (window !== undefined && window > LONGEST_WINDOW) throw new OptionError(`window must be 24h at most, got ${window} seconds`, "window");
  for (const [option, value] of [["pricePerGb", pricePerGb], ["minFps", minFps]] as const) {
    if (value !== undefined && value < 0) throw new OptionError(`${option} must be at least 0, got ${value}`, option);
  }
  const thresholds: Thresholds = { maxLatencyMs: inMs(maxLatency), minFps, maxGapMs: inMs(maxGap) };
  const isCheck = check === true || Object.values(thresholds).some((value) => value !== undefined);
  const isWatched = stderr.isTTY === true;
  if (isWatched) stderr.write(`probing ${streamArn ?? streamName ?? ""} …`);
  const facts = await probe({ streamName, streamArn, region, profile, endpointUrl, window, pricePerGb, timeout, signal }).finally(() => isWatched && stderr.write(CLEAR_LINE));
  const findings = judge(facts, thresholds);
  const report = { facts, findings, verdict: verdictOf(findings) };
  const out = new ByteStream(stdout, { name: "stdout", flag: "--json" });
  await out.write(json ? jsonReport(report) : textReport(report, painter(stdout.isTTY === true && !env.NO_COLOR)));
  return probeExitCode(report, isCheck);
}

const inMs = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000);
