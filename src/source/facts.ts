import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { Gap } from "../hls/selection.js";

/** A frame but for its pixels, and its place in the stream. */
export interface FrameFacts extends Omit<Frame, "data" | "pixelFormat" | "width" | "height"> {
  readonly ref: FragmentRef;
  /** No other frame of its fragment is wanted. */
  readonly endsFragment: boolean;
  /** Capture time of the picture after it, or the end of its fragment: Unix epoch, milliseconds. */
  readonly untilMs: number;
  /** What is missing between the frame before and this one. */
  readonly gapsBefore: readonly Gap[];
}

/** Returns the gaps for frames that cannot be decoded, with the gaps before them; adjacent frames share one gap. */
export function gapsOf(lost: readonly FrameFacts[]): Gap[] {
  const gaps: Gap[] = [];
  let last: { fromMs: number; toMs: number; cause: "corrupt" } | undefined;
  for (const { gapsBefore, capturedAt, untilMs } of lost) {
    gaps.push(...gapsBefore);
    if (last !== undefined && gapsBefore.length === 0 && capturedAt >= last.fromMs && capturedAt <= last.toMs) {
      last.toMs = Math.max(last.toMs, untilMs);
      continue;
    }
    last = { fromMs: capturedAt, toMs: Math.max(capturedAt, untilMs), cause: "corrupt" };
    gaps.push(last);
  }
  return gaps;
}

/** Splits frames into those that can be had, each with the gaps before it, and those behind them that cannot. */
export function withGaps(wanted: readonly FrameFacts[], canBeHad: (facts: FrameFacts) => boolean): { given: FrameFacts[]; lost: FrameFacts[] } {
  const given: FrameFacts[] = [];
  let lost: FrameFacts[] = [];
  for (const facts of wanted) {
    if (!canBeHad(facts)) {
      lost.push(facts);
      continue;
    }
    given.push(lost.length === 0 ? facts : { ...facts, gapsBefore: [...gapsOf(lost), ...facts.gapsBefore] });
    lost = [];
  }
  const last = given.at(-1);
  // With frames lost behind it, it is not the last that was wanted of its fragment, but no other comes.
  if (last !== undefined && lost.length > 0) given[given.length - 1] = { ...last, endsFragment: true };
  return { given, lost };
}

/** How far delivery has come. */
export interface Delivered {
  readonly fragment: FragmentRef;
  readonly index: number;
  readonly capturedAt: number;
  /** As in {@link FrameFacts}. */
  readonly untilMs: number;
  /** No other frame of its fragment is wanted. */
  readonly endsFragment: boolean;
}
