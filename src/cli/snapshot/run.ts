import { FrameSourceError } from "../../core/errors.js";
import type { SourceEvent } from "../../core/events.js";
import { ByteStream, ReaderGoneError } from "../../sinks/byte-stream.js";
import { createEncoder } from "../../sinks/encoder.js";
import { ndjson } from "../../sinks/manifest.js";
import { takeSnapshot } from "../../source/snapshot/snapshot.js";
import { deferLog, type Log } from "../../telemetry/deferred-log.js";
import { logEvent } from "../../telemetry/events-log.js";
import type { CommandContext } from "../context.js";
import { exitCodeOf } from "../exit.js";
import { Interrupted } from "../interrupted.js";
import { openReporting } from "../reporting.js";
import type { SnapshotFlags } from "./flags.js";
import { LateEncoder } from "./late-encoder.js";
import { placePicture } from "./place.js";
import { planSnapshot, type SnapshotPlan, type StreamPlan } from "./plan.js";
import { failure, success, type Outcome } from "./record.js";

/** Streams at a time: each takes a session and an ffmpeg. */
const AT_ONCE = 8;

interface Run {
  readonly plan: SnapshotPlan;
  readonly stdout: ByteStream;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Writes a picture of each stream and a line about it; gives the worst exit code. */
export async function runSnapshot(flags: SnapshotFlags, context: CommandContext): Promise<number> {
  const plan = planSnapshot(flags, { isTerminal: context.stdout.isTTY === true });
  const logLevel = flags.logLevel ?? (flags.quiet ? "error" : "warn");
  const { log, written } = deferLog(logLevel, async () => (await openReporting({ ...flags, logLevel }, context, true)).log);
  const stdout = new ByteStream(context.stdout, { name: "stdout", flag: "--out" });
  using limit = timeLimit(plan.timeoutMs);
  const run: Run = { plan, stdout, log, signal: AbortSignal.any([context.signal, limit.signal]) };
  const exitCodes = await takeAll(run);
  await written();
  return context.signal.aborted ? exitCodeOf(context.signal.reason) : Math.max(...exitCodes);
}

/** Each stream has a result of its own, told as soon as it is there. */
async function takeAll(run: Run): Promise<number[]> {
  const queue = run.plan.streams.values();
  const exitCodes = [0];
  let told: Promise<unknown> = Promise.resolve();
  const work = async (): Promise<void> => {
    for (const stream of queue) {
      const { record, exitCode } = await takeOne(stream, run);
      exitCodes.push(exitCode);
      if (stream.file !== undefined) told = told.then(() => orTell(run.stdout.write(ndjson(record)), run.log)).then((code) => exitCodes.push(code));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await told;
  return exitCodes;
}

async function takeOne(stream: StreamPlan, { plan: { format, quality }, stdout, signal, log }: Run): Promise<Outcome> {
  const { cameraId, file, link, source } = stream;
  let lastFailure: FrameSourceError | undefined;
  try {
    using encoder = new LateEncoder(() => createEncoder(format, { quality, exif: true }));
    const onEvent = (event: SourceEvent): void => {
      encoder.follow(event);
      if (event.type === "readError") lastFailure = event.error;
      logEvent(log, event);
    };
    const snapshot = await takeSnapshot({ ...source, signal, onEvent });
    const ageMs = Date.now() - snapshot.frame.capturedAt;
    const encode = await encoder.open();
    const image = await encode(snapshot.frame);
    signal.throwIfAborted();
    const path = file === undefined ? null : await placePicture({ frame: snapshot.frame, seq: 0 }, image, { file, link });
    if (path === null) await stdout.write(image);
    return success({ ...snapshot, cameraId, ageMs, bytes: image.length, path });
  } catch (error) {
    return tell(cameraId, error instanceof LateError ? error.because(lastFailure) : error, log);
  }
}

/** The time for all of it is over. */
class LateError extends FrameSourceError {
  constructor(
    private readonly timeoutMs: number,
    why = "check the network and the region, or allow longer with --timeout",
  ) {
    super(`no picture within ${timeoutMs / 1000} s; ${why}`, { code: "TIMEOUT", retryable: true });
  }

  because(failure: FrameSourceError | undefined): LateError {
    return failure === undefined ? this : new LateError(this.timeoutMs, `the last try failed: ${failure.message}`);
  }
}

/** @returns the exit code of a record's writing */
async function orTell(written: Promise<void>, log: Log): Promise<number> {
  return written.then(() => 0, (error: unknown) => tell("stdout", error, log).exitCode);
}

function tell(camera: string, error: unknown, log: Log): Outcome {
  const { code, message, ...outcome } = failure(camera, error);
  const isNoFailure = error instanceof ReaderGoneError || error instanceof Interrupted;
  if (!isNoFailure) log.error({ camera, code }, message);
  return outcome;
}

/** A signal that is aborted in time, with an error that says so. */
function timeLimit(timeoutMs: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new LateError(timeoutMs)), timeoutMs);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
