import { compareFragments, type FragmentRef } from "../core/fragment.js";
import type { Follower } from "../hls/follower.js";
import type { Gap } from "../hls/selection.js";
import type { FrameFacts } from "./facts.js";

/**
 * Keeps live delivery near the newest fragment: once a frame lags too far behind it, that and all that is on its way are left
 * out, and reading goes on with the newest fragment. So it is one long gap rather than many short ones.
 */
export class Freshness {
  /** Frames up to this fragment were on their way when it was decided to skip. */
  #lastOnItsWay: FragmentRef | undefined;
  #skippedFromMs: number | undefined;

  constructor(private readonly follower: Pick<Follower, "isLagging" | "skipAhead">) {}

  async leavesOut({ ref, capturedAt }: FrameFacts): Promise<boolean> {
    const isOnItsWay = this.#lastOnItsWay !== undefined && compareFragments(ref, this.#lastOnItsWay) <= 0;
    if (!isOnItsWay && (await this.follower.isLagging(capturedAt))) this.#lastOnItsWay = this.follower.skipAhead();
    else if (!isOnItsWay) return false;
    this.#skippedFromMs ??= capturedAt;
    return true;
  }

  /** What was left out before the frame, put together with what was not even fetched. */
  gapsBefore({ capturedAt, gapsBefore }: FrameFacts): readonly Gap[] {
    const fromMs = this.#skippedFromMs;
    if (fromMs === undefined) return gapsBefore;
    this.#skippedFromMs = undefined;
    return [...gapsBefore.filter(({ cause }) => cause !== "lag"), { fromMs, toMs: capturedAt, cause: "lag" }];
  }
}
