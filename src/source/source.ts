import type { SourceEvent } from "../core/events.js";
import type { Frame } from "../core/frame.js";
import type { KvsHlsMetrics } from "../core/metrics.js";
import type { KvsHlsFrameSourceOptions } from "../core/option-types.js";
import { resolveOptions, type SourceOptions } from "../core/options.js";
import { canTransition, type ConnectionState } from "../core/state.js";
import { unlessAborted } from "../core/unless-aborted.js";
import { WaitingTracker } from "../core/waiting.js";
import { FramePool } from "../decoder/frame-pool.js";
import { loadLibraries } from "../decoder/node-av.js";
import type { AnyFfmpeg } from "../decoder/run.js";
import { linkedTo } from "./abort.js";
import { connect, type Links } from "./connect.js";
import { Counters } from "./counters.js";
import { DecoderPool } from "./decoder-pool.js";
import { Supervisor } from "./supervisor.js";

/**
 * The frames of a live Kinesis Video stream: each once, in order, with its capture time, across sessions and reconnects.
 *
 * ```ts
 * await using source = new KvsHlsFrameSource({ streamName: "front-door", region: "eu-west-1", targetFps: 5 });
 * for await (const frame of source) detect(frame.data, frame.width, frame.height, frame.capturedAt);
 * ```
 *
 * Iteration connects; leaving the loop, by break or by an error, ends ffmpeg and all requests and waits for that. Iterating
 * again goes on after the last frame, as far as the live playlist still reaches back, or the archive with complete delivery. One
 * reader at a time.
 */
export class KvsHlsFrameSource implements AsyncIterable<Frame>, AsyncDisposable {
  readonly #options: SourceOptions;
  readonly #counters: Counters;
  readonly #pool = new FramePool();
  /** Ours alone, and closed with the iteration, unless the caller gave one. */
  readonly #ownDecoders = new DecoderPool();
  readonly #decoders: DecoderPool;
  readonly #supervisor: Supervisor;
  readonly #closing = new AbortController();
  #state: ConnectionState = "disconnected";
  #running: AsyncGenerator<Frame> | undefined;
  #lastFrameAt = -Infinity;
  readonly #waiting = new WaitingTracker();
  #isSilent = false;

  /**
   * Checks the options; asks nothing of the network.
   * @throws OptionError
   */
  constructor(options: KvsHlsFrameSourceOptions) {
    this.#options = resolveOptions(options);
    this.#counters = new Counters(this.#options.cameraId);
    this.#decoders = this.#options.decoders === undefined ? this.#ownDecoders : DecoderPool.of(this.#options.decoders);
    this.#supervisor = new Supervisor({ options: this.#options, pool: this.#pool, decoders: this.#decoders, emit: (event) => this.#emit(event), enter: (state) => this.#enter(state) });
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

  /**
   * Says that a frame's pixels are not needed any more: a later frame may then use their memory, which at many large frames a second
   * saves much work. Only for `data` that nobody will look at again; frames that are not released are memory like any other.
   */
  release({ data }: Frame): void {
    this.#pool.give(data);
    this.#decoders.release(data);
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
      const locate = (given: string | undefined, signal: AbortSignal): Promise<AnyFfmpeg> =>
        this.#options.decoder === "node-av" ? unlessAborted(loadLibraries(), signal) : this.#decoders.locate(given, signal);
      links = await connect(this.#options, (event) => this.#emit(event), end.signal, locate);
      yield* this.#supervisor.frames(links, end.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!end.signal.aborted) this.#enter("error");
      throw error;
    } finally {
      release();
      await this.#ownDecoders[Symbol.asyncDispose]();
      links?.connections.close();
      this.#running = undefined;
      this.#enter("disconnected");
    }
  }

  #enter(state: ConnectionState): void {
    if (!canTransition(this.#state, state)) return;
    const previous = this.#state;
    this.#state = state;
    this.#emit({ type: "state", state, previous });
  }

  /** A camera that falls silent is no longer connected, until media come again. */
  #followSilence(event: SourceEvent): void {
    this.#waiting.observe(event);
    const isWaiting = this.#waiting.current !== undefined;
    if (isWaiting && this.#state === "connected") {
      this.#isSilent = true;
      this.#enter("reconnecting");
    } else if (this.#isSilent && !isWaiting) {
      this.#isSilent = false;
      this.#enter("connected");
    }
    // A connection that was lost meanwhile is there again with its first frame.
    if (event.type === "reconnect") this.#isSilent = false;
  }

  #emit(event: SourceEvent): void {
    if (event.type === "frame") this.#lastFrameAt = performance.now();
    this.#followSilence(event);
    this.#counters.count(event);
    this.#options.onEvent?.(event);
  }
}
