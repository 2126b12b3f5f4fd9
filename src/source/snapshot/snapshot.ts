import { FrameSourceError, KVSConnectionError } from "../../core/errors.js";
import type { EventListener } from "../../core/events.js";
import type { Frame } from "../../core/frame.js";
import type { SnapshotOptions } from "../../core/option-types.js";
import { resolveSnapshotOptions } from "../../core/options.js";
import { isoTime } from "../../core/time.js";
import { linkedTo } from "../abort.js";
import { connectService } from "../connect.js";
import { Ffmpegs } from "./ffmpegs.js";
import { pictureAt } from "./instant.js";
import { Listings } from "./listings.js";
import { lastStored, newestOf } from "./newest.js";
import { Stills, type Still, type StillsOptions } from "./stills.js";
import type { Taking } from "./taking.js";

/** One picture, and where it came from. */
export interface Snapshot {
  readonly frame: Frame;
  /** The live stream, or what the service has stored of it. */
  readonly source: "live" | "archive";
}

/**
 * One picture of a stream: the newest, or with `at` the one that was shown then, which is the last at or before it.
 *
 * ```ts
 * const { frame } = await takeSnapshot({ streamName: "front-door", region: "eu-west-1", at: Date.now() - 3_600_000 });
 * ```
 *
 * No more is fetched than one fragment, and no more of it decoded than the picture needs. A newest fragment that is damaged, or cannot
 * be had, gives way to the one before.
 * @throws OptionError; KVSConnectionError, NO_MEDIA among them when the camera is offline, the newest picture older than `maxAge`, or
 * nothing stored at that time; HLSStreamError; DecoderError; or the reason of the `signal` option. Nothing is left running.
 */
export async function takeSnapshot(input: SnapshotOptions): Promise<Snapshot> {
  const options = resolveSnapshotOptions(input);
  const emit: EventListener = (event) => options.onEvent?.(event);
  options.signal?.throwIfAborted();
  const { controller: { signal }, controller, release } = linkedTo(options.signal);
  const ffmpegs = new Ffmpegs(options, signal);
  const taking = take({ options, ffmpegs, signal, emit });
  try {
    const snapshot = await Promise.race([taking, ffmpegs.fault()]);
    emit({ type: "frame", frame: snapshot.frame });
    return snapshot;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    release();
    controller.abort();
    await Promise.allSettled([taking, ffmpegs.close()]);
  }
}

async function take(its: Omit<StillsOptions, "links"> & Pick<Taking, "options">): Promise<Snapshot> {
  const links = await connectService(its.options, its.emit, (error) => its.emit({ type: "readError", error }));
  try {
    return await takeFrom({ ...its, links, listings: new Listings(links, its.signal), stills: new Stills({ ...its, links }) });
  } finally {
    links.connections.close();
  }
}

async function takeFrom(taking: Taking): Promise<Snapshot> {
  const { options: { at, fallback, maxAge }, listings, emit } = taking;
  if (at !== undefined) return { frame: await pictureAt(at, taking), source: "archive" };
  try {
    const frame = await listings.live((fragments) => newestOf(fragments, taking, (still) => refuseOld(still, maxAge)));
    return { frame, source: "live" };
  } catch (error) {
    if (fallback === undefined || !(error instanceof FrameSourceError) || error.code !== "NO_MEDIA") throw error;
    emit({ type: "readError", error });
    return { frame: await lastStored(taking), source: "archive" };
  }
}

/** The service lists as live only what came lately, so a picture this much older, in seconds, is of a clock that is wrong. */
const WRONG_CLOCK = 3600;

/** @param maxAge seconds */
function refuseOld({ capturedAt }: Still, maxAge = Infinity): void {
  const age = (Date.now() - capturedAt) / 1000;
  if (age <= maxAge) return;
  const advice = age > WRONG_CLOCK ? "the camera is sending, so its clock is wrong: take the service's with --clock server" : "check that the camera is sending, allow more with --max-age, or take it all the same with --fallback archive";
  throw new KVSConnectionError(`the newest picture is ${age.toFixed(1)} s old, of ${isoTime(capturedAt)}, wanted ${maxAge} s at most; ${advice}`, { code: "NO_MEDIA", retryable: true });
}
