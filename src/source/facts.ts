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

/** What frames leave behind that cannot be decoded, with the gaps that they were to take along. */
export function gapsOf(lost: readonly FrameFacts[]): Gap[] {
  const [first, last] = [lost[0], lost.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [...lost.flatMap(({ gapsBefore }) => gapsBefore), { fromMs: first.capturedAt, toMs: last.untilMs, cause: "corrupt" }];
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
