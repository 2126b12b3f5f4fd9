import { Readable } from "node:stream";
import type { DecoderError } from "../core/errors.js";
import type { CodedPictures } from "../core/picture.js";
import { unlessAborted } from "../core/unless-aborted.js";
import { Intake } from "./intake.js";
import { Ledger, mostHeldBack } from "./ledger.js";
import { isFailure, run, type Decoded, type RunOptions } from "./run.js";

export interface SalvageOptions<T> extends RunOptions<T> {
  /**
   * Has the pictures anew from where they came from: those that are wanted, under numbers that may be others.
   * @returns undefined when they are the same bytes, or cannot be had
   */
  readonly renew?: (pictures: CodedPictures<T>) => Promise<CodedPictures<T> | undefined>;
}

/**
 * Decodes a fragment that was in flight when an ffmpeg failed, with an ffmpeg of its own, so that a fault in it costs no other:
 * a second time with bytes fetched anew if need be. What still does not come is told as lost.
 */
export async function* salvage<T>(pictures: CodedPictures<T>, options: SalvageOptions<T>): AsyncGenerator<Decoded<T>> {
  if (pictures.wanted.size === 0) return;
  // Those that reference what came before cannot be had from a decoder that has not: `run` gives them up.
  const shortfall = yield* tryOnce(pictures, options);
  if (shortfall === undefined || shortfall.owed.wanted.size === 0) return;
  const { owed, error } = shortfall;
  // One that stalls has cost its time.
  const renewed = error.code === "FFMPEG_STALLED" ? undefined : await unlessAborted(options.renew?.(owed) ?? Promise.resolve(undefined), options.controller.signal);
  const kept = new Set(renewed?.wanted.values());
  const dropped = renewed === undefined ? [] : [...owed.wanted.values()].filter((value) => !kept.has(value));
  if (dropped.length > 0) options.onLost(dropped, error);
  const left = renewed === undefined ? shortfall : yield* tryOnce(renewed, options);
  if (left !== undefined && left.owed.wanted.size > 0) options.onLost([...left.owed.wanted.values()], left.error);
}

interface Shortfall<T> {
  readonly owed: CodedPictures<T>;
  readonly error: DecoderError;
}

/** @returns what ffmpeg did not give, and why */
async function* tryOnce<T>(pictures: CodedPictures<T>, options: RunOptions<T>): AsyncGenerator<Decoded<T>, Shortfall<T> | undefined> {
  const ledger = new Ledger<T>(options.heldBack ?? mostHeldBack(options.output.threads));
  try {
    // Some of its pictures may have been written.
    yield* run(new Intake(Readable.from([pictures])), ledger, { ...options, pixelsTo: undefined });
    return undefined;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { owed: ledger.owedOf(pictures), error };
  }
}
