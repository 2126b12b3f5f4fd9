import type { SourceEvent } from "../../core/events.js";
import { isoTime } from "../../core/time.js";
import { eventRecord, summaryRecord, type RunEnd } from "../../sinks/manifest.js";
import { logEvent } from "../../telemetry/events-log.js";
import type { Logger } from "../../telemetry/logger.js";
import type { Health } from "../../telemetry/server.js";
import type { CommandContext } from "../context.js";
import type { FrameSource } from "../open-source.js";
import { errorMessage } from "../error-message.js";
import { openReporting } from "../reporting.js";
import type { PullFlags } from "./flags.js";
import { FixedSize } from "./fixed-size.js";
import { Limits } from "./limits.js";
import { createMonitoring, type Monitoring } from "./monitoring.js";
import { DurationOver, outcomeOf, strictly, success, withoutFrames, type Outcome } from "./outcome.js";
import { PullOutput } from "./output.js";
import { planPull, type PullPlan } from "./plan.js";
import { Tally } from "./tally.js";

/** Takes frames from a source to files and records until an end is reached; gives the exit code. */
export async function runPull(flags: PullFlags, context: CommandContext): Promise<number> {
  const plan = planPull(flags, { isTerminal: context.stdout.isTTY === true, fd: context.stdout.fd });
  if (flags.dryRun) {
    const { tellPlan } = await import("./dry-run.js");
    await tellPlan(plan, context);
    return 0;
  }
  const { log, say, follow, stop: stopReporting } = await openReporting({ ...flags, camera: plan.cameraId }, context, plan.manifest === "stdout");
  const tally = new Tally(plan);
  const stop = new AbortController();
  const output = await PullOutput.open(plan, context.stdout, {
    wrote: (frame, bytes, writtenAt) => tally.wrote(frame, bytes, writtenAt),
    failed: (error) => stop.abort(error),
    couldNotReopen: (error) => log.warn(`${errorMessage(error)}; the manifest goes on in the old file`),
  });
  const monitoring = plan.monitoring && (await createMonitoring(plan.cameraId, plan.monitoring));
  const fixedSize = plan.needsFixedSize ? new FixedSize(plan.source.resize) : undefined;
  const observe = (event: SourceEvent): void => {
    const change = fixedSize?.observe(event);
    if (change) stop.abort(change);
    tally.observe(event);
    monitoring?.observe(event);
    logEvent(log, event);
    const record = eventRecord(event, plan.cameraId);
    if (record) output.record(record);
  };

  context.onHangUp(() => output.reopen());
  if (plan.images?.files) say(`writing pictures to ${plan.images.files.directory}`);
  await follow(() => tally.status());
  const end = deliver({ plan, context, stop, output, observe, monitoring, tally, log });
  const outcome = await end.then((ended) => success(ended), outcomeOf);
  stopReporting();
  const judged = outcome.ended === "duration" && tally.frames === 0 ? withoutFrames(plan.cameraId) : outcome;
  return conclude(plan.isStrict ? strictly(judged, tally.missing(plan.maxFrames)) : judged, { output, tally, log });
}

interface Delivery {
  readonly plan: PullPlan;
  readonly context: CommandContext;
  readonly stop: AbortController;
  readonly output: PullOutput;
  readonly observe: (event: SourceEvent) => void;
  readonly monitoring: Monitoring | undefined;
  readonly tally: Tally;
  readonly log: Logger;
}

/** Runs until an end; rejects with what else ended it. Either way all frames taken are written, and source and server are closed. */
async function deliver({ plan, context, stop, output, observe, monitoring, tally, log }: Delivery): Promise<RunEnd> {
  const signal = AbortSignal.any([context.signal, stop.signal]);
  using limits = new Limits({ ...plan, onSilence: () => stop.abort(new DurationOver()) });
  try {
    await using source = await context.openSource({ ...plan.source, resumeAfter: output.resumeAfter, signal, onEvent: observe });
    await using server = await monitoring?.serve(() => healthOf(source, tally));
    if (server) log.info(`metrics at ${server.url}/metrics`);
    const ended = await writeAll(source, limits, output, plan.source.pixelsTo !== undefined);
    context.signal.throwIfAborted();
    return ended;
  } finally {
    await output.settle();
    stop.signal.throwIfAborted();
  }
}

/** Two frames are in hand at most: one is encoded while the one before it is written. */
async function writeAll(source: FrameSource, limits: Limits, output: PullOutput, isShared: boolean): Promise<RunEnd> {
  let previous: Promise<void> | undefined;
  for await (const frame of source) {
    if (!limits.admits(frame)) return "duration";
    const written = output.write(frame);
    written.then(() => source.release(frame), () => undefined); // a failure is told by the output
    await previous;
    // What ffmpeg writes to the same place must find it done.
    if (isShared) await written;
    previous = written;
    if (limits.isFull) return "max-frames";
  }
  return "end";
}

function healthOf(source: FrameSource, { lastCapturedAt, waiting }: Tally): Health {
  return {
    isHealthy: source.isHealthy(),
    detail: { state: source.state, lastCapturedAt: lastCapturedAt === undefined ? null : isoTime(lastCapturedAt), ...(waiting && { waiting }) },
  };
}

/** Tells how it ended, in the log, in the summary and by the exit code. */
async function conclude(outcome: Outcome, { output, tally, log }: Pick<Delivery, "output" | "tally" | "log">): Promise<number> {
  if (outcome.error) log.error({ code: outcome.error.code }, outcome.error.message);
  log.info({ ended: outcome.ended, frames: tally.frames }, "finished");
  try {
    await output.finish(summaryRecord(tally.summary(outcome)));
    return outcome.exitCode;
  } catch (error) {
    const late = outcomeOf(error);
    if (late.error && !outcome.error) log.error({ code: late.error.code }, late.error.message);
    return outcome.exitCode || late.exitCode;
  }
}
