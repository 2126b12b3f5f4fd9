import type { DecoderError } from "../core/errors.js";
import type { CodedPictures } from "../core/picture.js";
import { Intake } from "./intake.js";
import { Ledger } from "./ledger.js";
import { isFailure, run, type Decoded, type RunOptions } from "./run.js";

export interface SalvageOptions<T> extends RunOptions<T> {
  /**
   * Has the pictures anew from where they came from: those that are wanted, under numbers that may be others.
   * @returns undefined when they are the same bytes, or cannot be had
   */
  readonly renew?: (pictures: CodedPictures<T>) => Promise<CodedPictures<T> | undefined>;
}

/** Fragments that can only be decoded together: one that begins with a key frame, and what continues it. */
export type Group<T> = readonly CodedPictures<T>[];

export function groupsOf<T>(fragments: readonly CodedPictures<T>[]): Group<T>[] {
  const groups: CodedPictures<T>[][] = [];
  for (const fragment of fragments) {
    const last = groups.at(-1);
    if (fragment.isContinuation && last !== undefined) last.push(fragment);
    else groups.push([fragment]);
  }
  return groups;
}

/**
 * Decodes a group that was in flight when an ffmpeg failed, with an ffmpeg of its own, so that a fault in it costs no other:
 * a second time with bytes fetched anew if need be. What still does not come is told as lost.
 */
export async function* salvage<T>(group: Group<T>, options: SalvageOptions<T>): AsyncGenerator<Decoded<T>> {
  const [head] = group;
  if (head === undefined || !isOwed(group)) return;
  if (head.isContinuation) return tellLost(group, options);
  const shortfall = yield* tryOnce(group, options);
  if (shortfall === undefined) return;
  const { owed, error } = shortfall;
  const last = owed.at(-1);
  if (last === undefined || !isOwed(owed)) return;
  if (group.length > 1) {
    // The fault may lie in the last one, which made ffmpeg keep pictures of those before it.
    yield* salvage(owed.slice(0, -1), options);
    return tellLost([last], options, error);
  }
  // One that stalls has cost its time.
  const renewed = error.code === "FFMPEG_STALLED" ? undefined : await unlessAborted(options.renew?.(last), options.controller.signal);
  if (renewed === undefined) return tellLost([last], options, error);
  const again = yield* tryOnce([renewed], options);
  if (again !== undefined) tellLost(again.owed, options, again.error);
}

interface Shortfall<T> {
  readonly owed: Group<T>;
  readonly error: DecoderError;
}

/** @returns what ffmpeg did not give, and why */
async function* tryOnce<T>(group: Group<T>, options: RunOptions<T>): AsyncGenerator<Decoded<T>, Shortfall<T> | undefined> {
  const ledger = new Ledger<T>();
  try {
    yield* run(new Intake(inTurn(group)), ledger, options);
    return undefined;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { owed: group.map((pictures) => ledger.owedOf(pictures)), error };
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an input is asynchronous
async function* inTurn<T>(group: Group<T>): AsyncGenerator<CodedPictures<T>> {
  yield* group;
}

const isOwed = (group: Group<unknown>): boolean => group.some(({ wanted }) => wanted.size > 0);

export function tellLost<T>(group: Group<T>, { onLost }: RunOptions<T>, error?: DecoderError): void {
  const lost = group.flatMap(({ wanted }) => [...wanted.values()]);
  if (lost.length > 0) onLost(lost, error);
}

async function unlessAborted<R>(promise: Promise<R> | undefined, signal: AbortSignal): Promise<R | undefined> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
