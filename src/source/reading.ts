import { KVSConnectionError } from "../core/errors.js";
import { isoTime } from "../core/time.js";
import type { CursorOptions } from "../hls/cursor.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import { Follower } from "../hls/follower.js";
import { History } from "../hls/history.js";
import { positionAfter, type Position } from "../hls/selection.js";
import type { AttemptOptions } from "./attempt-options.js";
import type { Delivered } from "./facts.js";

/** With a frame a second or less, a few hundredths of a second until it is there matter less than a request for each of them. */
const LEISURELY_FPS = 1;

/** Where fragments come from: the archive first, if that is asked for, then the live stream, unless there is an end. */
export class Reading {
  /** With live delivery. */
  readonly live: Follower | undefined;

  constructor(
    private readonly attempt: AttemptOptions,
    private readonly listeners: Pick<CursorOptions, "plan" | "onGap" | "onLost" | "onSkipped">,
  ) {
    if (attempt.options.delivery === "live") this.live = this.#follow(this.#position);
  }

  /** @throws FrameSourceError, or the reason of the controller's signal */
  async *fragments(): AsyncGenerator<FetchedFragment> {
    const { archive, options: { start, end } } = this.attempt;
    if (this.live) return yield* this.live.fragments();
    if (start === undefined) return yield* this.#follow(this.#position).fragments();
    const history = new History({ fromMs: start, toMs: end ?? Date.now() }, { ...this.#both, archive, position: this.#position });
    yield* history.fragments();
    if (end === undefined) yield* this.#follow(history.position).fragments();
    else history.tellEnd();
  }

  /** That the fragments had no frame. */
  get emptiness(): KVSConnectionError {
    const { start = 0, end = Date.now(), clock } = this.attempt.options;
    return new KVSConnectionError(`no frame is stored from ${isoTime(start)} to ${isoTime(end)} (${clock} clock)`, { code: "NO_MEDIA" });
  }

  #follow(position: Position | undefined): Follower {
    const { options, sessions, archive, onIdle } = this.attempt;
    const isComplete = options.delivery === "complete";
    const isLeisurely = (options.targetFps ?? Infinity) <= LEISURELY_FPS;
    return new Follower({ ...this.#both, sessions, position, isLeisurely, archive: isComplete ? archive : undefined, maxLagMs: isComplete ? undefined : options.maxLag * 1000, onIdle });
  }

  get #position(): Position | undefined {
    const { delivered } = this.attempt;
    return delivered && positionOf(delivered);
  }

  get #both(): Omit<CursorOptions, "position"> & { readonly parallel: number } {
    const { options, reader, controller } = this.attempt;
    return { ...this.listeners, reader, parallel: options.parallel, signal: controller.signal };
  }
}

const positionOf = ({ fragment, untilMs, endsFragment }: Delivered): Position => (endsFragment ? positionAfter(fragment) : { fragment, untilMs, isPartial: true });
