import { setTimeout as sleep } from "node:timers/promises";
import { FrameSourceError } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import type { Frame } from "../core/frame.js";
import type { KvsHlsMetrics } from "../core/metrics.js";
import { resolveOptions, type KvsHlsFrameSourceOptions, type SourceOptions } from "../core/options.js";
import { retryDelay } from "../core/retry.js";
import { canTransition, type ConnectionState } from "../core/state.js";
import { Attempt, type Delivered } from "./attempt.js";
import { connect, type Links } from "./connect.js";
import { Counters } from "./counters.js";
import { Patience } from "./patience.js";
import { failureKind, retryPolicy, type FailureKind } from "./policies.js";

/**
 * The frames of a live Kinesis Video stream: each once, in order, with its capture time, across sessions and reconnects.
 *
 * ```ts
 * await using source = new KvsHlsFrameSource({ streamName: "front-door", region: "eu-west-1", targetFps: 5 });
 * for await (const frame of source) detect(frame.data, frame.width, frame.height, frame.capturedAt);
 * ```
 *
 * Iteration connects; leaving the loop, by break or by an error, ends ffmpeg and all requests and waits for that. Iterating
 * again goes on after the last frame, as far as the live playlist still reaches back. One reader at a time.
 */
export class KvsHlsFrameSource implements AsyncIterable<Frame>, AsyncDisposable {
  readonly #options: SourceOptions;
  readonly #counters: Counters;
  readonly #closing = new AbortController();
  #state: ConnectionState = "disconnected";
  #running: AsyncGenerator<Frame> | undefined;
  #delivered: Delivered | undefined;
  #lastFrameAt = -Infinity;

  /**
   * Checks the options; asks nothing of the network.
   * @throws OptionError
   */
  constructor(options: KvsHlsFrameSourceOptions) {
    this.#options = resolveOptions(options);
    this.#counters = new Counters(this.#options.cameraId);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connected, and the newest frame came no longer than `maxStaleness` ago. */
  isHealthy(): boolean {
    return this.#state === "connected" && performance.now() - this.#lastFrameAt <= this.#options.maxStaleness * 1000;
  }

  /** A snapshot of the counters. */
  get metrics(): KvsHlsMetrics {
    return this.#counters.snapshot;
  }

  /**
   * The frames, until the signal, dispose() or an error that cannot be retried.
   * @throws FrameSourceError, or the reason of the `signal` option
   */
  [Symbol.asyncIterator](): AsyncGenerator<Frame> {
    if (this.#running !== undefined) throw new Error("this source is being read already; make one source for each reader");
    this.#running = this.#run();
    return this.#running;
  }

  /** The next frame, or undefined when there will be no more. Not to be mixed with iteration. */
  async readFrame(): Promise<Frame | undefined> {
    const result = await (this.#running ?? this[Symbol.asyncIterator]()).next();
    return result.done ? undefined : result.value;
  }

  /** Ends a running iteration quietly and waits until ffmpeg and all requests are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running?.return(undefined);
  }

  async *#run(): AsyncGenerator<Frame> {
    const { controller: end, release } = linkedTo(this.#closing.signal, this.#options.signal);
    let links: Links | undefined;
    try {
      end.signal.throwIfAborted();
      this.#enter("connecting");
      links = await connect(this.#options, (event) => this.#emit(event), end.signal);
      yield* this.#keepTrying(links, end.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!end.signal.aborted) this.#enter("error");
      throw error;
    } finally {
      release();
      links?.connections.close();
      this.#running = undefined;
      this.#enter("disconnected");
    }
  }

  /** The only loop that starts over after a failure. */
  async *#keepTrying(links: Links, end: AbortSignal): AsyncGenerator<Frame> {
    const patience = new Patience(this.#options.wait === undefined ? undefined : this.#options.wait * 1000, (event) => this.#emit(event));
    const failures = new Map<FailureKind, number>();
    for (;;) {
      const { controller, release } = linkedTo(end);
      try {
        const attempt = new Attempt({ ...links, options: this.#options, delivered: this.#delivered, controller, emit: (event) => this.#emit(event), onIdle: () => patience.strain() });
        for await (const { frame, delivered } of attempt.frames()) {
          // The budget is renewed by a frame: a connection that opens and gives none is no success.
          failures.clear();
          patience.renew();
          this.#delivered = delivered;
          this.#lastFrameAt = performance.now();
          this.#enter("connected");
          this.#emit({ type: "frame", frame });
          yield frame;
        }
        return;
      } catch (error) {
        end.throwIfAborted();
        await this.#recover(error, failures, patience, end);
        links.sessions.reset();
      } finally {
        release();
        controller.abort();
      }
    }
  }

  /** Waits for as long as the error's policy says, or throws the error if there is no use. */
  async #recover(error: unknown, failures: Map<FailureKind, number>, patience: Patience, signal: AbortSignal): Promise<void> {
    if (!(error instanceof FrameSourceError)) throw error;
    const wasConnected = this.#delivered !== undefined;
    const policy = retryPolicy(error, this.#options, wasConnected);
    const kind = failureKind(error);
    const inARow = (failures.get(kind) ?? 0) + 1;
    failures.set(kind, inARow);
    let delayMs = retryDelay(policy, inARow);
    if (kind === "silence") {
      if (!error.retryable) throw error;
      patience.strain(error.message);
      delayMs = Math.min(delayMs, patience.leftMs);
    } else {
      this.#emit({ type: "readError", error });
      if (!error.retryable || inARow >= policy.maxAttempts) throw error;
      this.#enter("reconnecting");
      this.#emit({ type: "reconnect", attempt: inARow, delayMs, error });
    }
    // an aborted sleep rejects with an error of its own, which is not the reason
    await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  #enter(state: ConnectionState): void {
    if (!canTransition(this.#state, state)) return;
    const previous = this.#state;
    this.#state = state;
    this.#emit({ type: "state", state, previous });
  }

  #emit(event: SourceEvent): void {
    this.#counters.count(event);
    this.#options.onEvent?.(event);
  }
}

/** A controller that is aborted with any of the signals: AbortSignal.any, but without leaving anything on those that live longer. */
function linkedTo(...signals: (AbortSignal | undefined)[]): { controller: AbortController; release: () => void } {
  const controller = new AbortController();
  const links = signals.map((signal) => {
    const forward = (): void => controller.abort(signal?.reason);
    if (signal?.aborted) forward();
    signal?.addEventListener("abort", forward, { once: true });
    return () => signal?.removeEventListener("abort", forward);
  });
  return { controller, release: () => links.forEach((unlink) => unlink()) };
}
