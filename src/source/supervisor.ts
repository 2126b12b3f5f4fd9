import { setTimeout as sleep } from "node:timers/promises";
import { FrameSourceError } from "../core/errors.js";
import type { EventListener } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { ResumePoint } from "../core/option-types.js";
import type { SourceOptions } from "../core/options.js";
import { retryDelay } from "../core/retry.js";
import type { ConnectionState } from "../core/state.js";
import type { FramePool } from "../decoder/frame-pool.js";
import { isExpiry } from "../hls/fetcher.js";
import { linkedTo } from "./abort.js";
import { Attempt } from "./attempt.js";
import type { Links } from "./connect.js";
import { Coverage } from "./coverage.js";
import type { DecoderPool } from "./decoder-pool.js";
import type { Delivered } from "./facts.js";
import { Patience } from "./patience.js";
import { failureKind, retryPolicy, type FailureKind } from "./policies.js";

export interface SupervisorOptions {
  readonly options: SourceOptions;
  readonly pool: FramePool;
  readonly decoders: DecoderPool;
  readonly emit: EventListener;
  readonly enter: (state: ConnectionState) => void;
}

/** Keeps frames coming: the only loop that starts over after a failure, and the only place that decides whether to. */
export class Supervisor {
  readonly #coverage = new Coverage();
  #delivered: Delivered | undefined;
  #wasConnected = false;

  constructor(private readonly its: SupervisorOptions) {
    this.#delivered = its.options.resumeAfter && deliveredBefore(its.options.resumeAfter);
  }

  /**
   * The frames after the last one that was taken from here, in this run and those before.
   * @throws FrameSourceError that cannot be retried, or was retried for long enough; or the reason of `end`
   */
  async *frames(links: Links, end: AbortSignal): AsyncGenerator<Frame> {
    const { options, pool, decoders, emit, enter } = this.its;
    const patience = new Patience(options.wait === undefined ? undefined : options.wait * 1000, emit);
    const failures = new Map<FailureKind, number>();
    let hasExpired = false;
    for (;;) {
      const { controller, release } = linkedTo(end);
      try {
        const attempt = new Attempt({
          ...links,
          ...{ options, pool, decoders, emit, controller, coverage: this.#coverage, delivered: this.#delivered },
          onIdle: () => patience.strain(),
          onUseless: (error) => patience.disappoint(error),
          onSkipped: (fragment, owesNothing) => {
            patience.renew();
            if (owesNothing && this.#delivered) this.#delivered = deliveredUpTo(fragment, this.#delivered);
          },
        });
        for await (const { frame, delivered } of attempt.frames()) {
          // The budget is renewed by a frame: a connection that opens and gives none is no success.
          failures.clear();
          hasExpired = false;
          patience.renew();
          this.#delivered = delivered;
          this.#wasConnected = true;
          enter("connected");
          emit({ type: "frame", frame });
          yield frame;
        }
        return;
      } catch (error) {
        end.throwIfAborted();
        // Met while a broken fragment was fetched again: as elsewhere, the next session goes on, unless it ends as soon.
        if (isExpiry(error) && !hasExpired) {
          hasExpired = true;
          links.sessions.reset("expired");
          continue;
        }
        const kind = await this.#recover(error, failures, patience, end);
        if (kind === "connection") links.sessions.reset("reconnect");
      } finally {
        release();
        controller.abort();
      }
    }
  }

  /** Waits for as long as the error's policy says, or throws the error if there is no use. */
  async #recover(error: unknown, failures: Map<FailureKind, number>, patience: Patience, signal: AbortSignal): Promise<FailureKind> {
    const { options, emit, enter } = this.its;
    if (!(error instanceof FrameSourceError)) throw error;
    const policy = retryPolicy(error, options, this.#wasConnected);
    const kind = failureKind(error);
    const inARow = (failures.get(kind) ?? 0) + 1;
    failures.set(kind, inARow);
    let delayMs = retryDelay(policy, inARow);
    if (kind === "silence") {
      if (!error.retryable) throw error;
      patience.strain(error.message);
      delayMs = Math.min(delayMs, patience.leftMs);
    } else {
      // A decoder's failure was told when it happened.
      if (kind !== "decoder") emit({ type: "readError", error });
      if (!error.retryable || inARow >= policy.maxAttempts) throw error;
      enter("reconnecting");
      emit({ type: "reconnect", attempt: inARow, delayMs, error });
    }
    // an aborted sleep rejects with an error of its own, which is not the reason
    await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    return kind;
  }
}

/** As after that frame, and as if the fragments since had been read: nothing of them was wanted. */
function deliveredUpTo(fragment: FragmentRef, { index, capturedAt }: Delivered): Delivered {
  return { fragment, index, capturedAt, untilMs: fragment.startMs + fragment.durationMs, endsFragment: true };
}

/** How long the frame's fragment is, and whether more of it was wanted, is known again once it has been read. */
function deliveredBefore({ fragment, index, capturedAt, pts }: ResumePoint): Delivered {
  const ref = { number: fragment, startMs: Math.round(capturedAt - pts), durationMs: pts };
  return { fragment: ref, index, capturedAt, untilMs: capturedAt, endsFragment: false };
}
