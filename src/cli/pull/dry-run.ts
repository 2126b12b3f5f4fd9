import { resolveOptions } from "../../core/options.js";
import { NO_GAP } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { DEFAULT_PRICE_PER_GB } from "../../source/probe/cost.js";
import { probe } from "../../source/probe/probe.js";
import { readTimeline } from "../../source/timeline/stored-timeline.js";
import type { CommandContext } from "../context.js";
import { formatBytes, formatDuration, plural } from "../timeline/quantities.js";
import { totalsOf } from "../timeline/totals.js";
import type { PullPlan } from "./plan.js";

const GB = 1e9;
const DAY_MS = 86_400_000;

/** What a run would cost, as far as it can be known ahead. */
interface Estimate {
  /** What it reads, as the end of a sentence. */
  readonly reads: string;
  /** How much the service bills for, as the end of a sentence. */
  readonly bills: string;
  /** Of capture time that is delivered; undefined: without an end. */
  readonly lengthMs: number | undefined;
}

/** Says on stdout what a run would read, what it would be billed, and what it would write; reads and writes nothing of it. */
export async function tellPlan(plan: PullPlan, { stdout, signal }: CommandContext): Promise<void> {
  const { reads, bills, lengthMs } = plan.source.start === undefined ? await ofLive(plan, signal) : await ofArchive(plan, signal);
  const lines = [`reads   ${reads}`, `bills   ${bills}`, `writes  ${writesOf(plan, lengthMs)}`];
  await new ByteStream(stdout, { name: "stdout", flag: "--dry-run" }).write(`${lines.join("\n")}\n`);
}

async function ofArchive({ cameraId, clock, source, durationMs, maxFrames }: PullPlan, signal: AbortSignal): Promise<Estimate> {
  const fromMs = source.start ?? 0;
  const untilMs = durationMs === undefined ? Infinity : fromMs + durationMs;
  const toMs = Math.min(source.end ?? Date.now(), untilMs);
  const goesOnLive = source.end === undefined && untilMs > toMs;
  const timeline = await readTimeline({ source: resolveOptions(source), range: { clock, fromMs, toMs }, minGapMs: NO_GAP * 1000, signal });
  const { fragments, bytes, coveredMs } = totalsOf(timeline);
  const stored = `${formatDuration(coveredMs)} stored in ${plural(timeline.stretches.length, "stretch")}, ${plural(fragments, "fragment")}, ${formatBytes(bytes)}`;
  return {
    reads: `${cameraId}, ${isoTime(fromMs)} to ${isoTime(toMs)}: ${stored}${goesOnLive ? ", and then the live stream" : ""}`,
    bills: `${bytesAndPrice(bytes)}${isLessPossible(source, maxFrames) ? " at most" : ""}${goesOnLive ? ", and what the live stream brings" : ""}`,
    lengthMs: goesOnLive ? undefined : coveredMs,
  };
}

/** What a stream brings in a day is measured: nothing says how long a run goes on. */
async function ofLive({ cameraId, source, durationMs, maxFrames }: PullPlan, signal: AbortSignal): Promise<Estimate> {
  const { streamName, streamArn, region, profile, endpointUrl } = source;
  const { cost } = await probe({ streamName, streamArn, region, profile, endpointUrl, signal });
  const span = durationMs === undefined ? "a day" : formatDuration(durationMs);
  const bytes = cost && (cost.everyFrame.bytesPerDay * (durationMs ?? DAY_MS)) / DAY_MS;
  const until = durationMs !== undefined ? `for ${span}` : maxFrames !== undefined ? `until there are ${plural(maxFrames, "frame")}` : "until it is stopped";
  return {
    reads: `${cameraId}, live ${until}`,
    bills: bytes ? `${bytesAndPrice(bytes)} for ${span} of the stream${isLessPossible(source, maxFrames) ? " at most" : ""}` : "unknown: the camera sends nothing now",
    lengthMs: durationMs,
  };
}

/** Sampling leaves out what it does not need, and a count of frames ends a run early. */
const isLessPossible = ({ targetFps, sampling }: PullPlan["source"], maxFrames: number | undefined): boolean => targetFps !== undefined || sampling === "keyframe" || maxFrames !== undefined;

const bytesAndPrice = (bytes: number): string => `${formatBytes(bytes)}, about $${Number(((bytes / GB) * DEFAULT_PRICE_PER_GB).toPrecision(2))} at $${DEFAULT_PRICE_PER_GB} for 10^9 bytes`;

function writesOf({ images, source, maxFrames, manifest }: PullPlan, lengthMs: number | undefined): string {
  const records = manifest === undefined ? "no records" : `records to ${manifest === "stdout" ? "stdout" : manifest.file}`;
  if (images === undefined) return records;
  const counts = [lengthMs !== undefined && source.targetFps !== undefined ? Math.round((lengthMs / 1000) * source.targetFps) : undefined, maxFrames].filter((count) => count !== undefined);
  const pictures = counts.length === 0 ? "every picture" : `about ${plural(Math.min(...counts), "picture")}`;
  const place = images.files === undefined ? "stdout" : `${images.files.directory}, such as ${images.files.filename({ frame: { capturedAt: source.start ?? Date.now(), fragment: "1", index: 0 }, seq: 0 })}`;
  return `${pictures} as ${images.format} to ${place}; ${records}`;
}
