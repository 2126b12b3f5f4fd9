import { HLSStreamError, type DecoderError } from "../core/errors.js";
import type { EventListener } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures } from "../core/picture.js";
import { decode } from "../decoder/decoder.js";
import type { FramePool } from "../decoder/frame-pool.js";
import type { Ffmpeg } from "../decoder/locate.js";
import type { ArchiveSupply } from "../hls/archive.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { SessionSupply } from "../hls/follower.js";
import type { SessionReader } from "../hls/reader.js";
import type { Gap } from "../hls/selection.js";
import { readInitSegment, type InitSegment } from "../media/init.js";
import type { Coverage } from "./coverage.js";
import { gapsOf, type Delivered, type FrameFacts } from "./facts.js";
import { FragmentPictures } from "./fragment-pictures.js";
import { Freshness } from "./freshness.js";
import { Promptness } from "./promptness.js";
import { Reading } from "./reading.js";
import { TickGrid } from "./sampling.js";
import { outputSize } from "./size.js";

export interface AttemptOptions {
  readonly options: SourceOptions;
  readonly sessions: SessionSupply;
  readonly archive: ArchiveSupply;
  readonly reader: SessionReader;
  readonly ffmpeg: Ffmpeg;
  readonly pool: FramePool;
  /** What was taken before, in this attempt and those before it. */
  readonly coverage: Coverage;
  /** Go on after this frame; undefined: begin with the newest fragment. */
  readonly delivered: Delivered | undefined;
  /** Ends the attempt; also aborted by the attempt itself when it ends. */
  readonly controller: AbortController;
  readonly emit: EventListener;
  /** Nothing new came for so long, milliseconds. */
  readonly onIdle: (idleMs: number) => void;
  /** What came is of no use. */
  readonly onUseless: (error: Error) => void;
}

/** How often a broken init segment is fetched before the connection counts as lost. */
const INIT_TRIES = 3;

/** A frame and what must be known to go on after it. */
export interface DeliveredFrame {
  readonly frame: Frame;
  readonly delivered: Delivered;
}

/** One connection, from the playlist to the frames: no second try at anything but a request or a fragment. */
export class Attempt {
  readonly #grid: TickGrid | undefined;
  readonly #reading: Reading;
  readonly #freshness: Freshness | undefined;
  #decodersStarted = 0;
  #hasDelivered = false;
  /** Found ahead of the frames that are still being decoded: to be told in their turn, with the frame that comes after. */
  #gapsAhead: Gap[] = [];

  constructor(private readonly attempt: AttemptOptions) {
    const { options, delivered, coverage } = attempt;
    this.#grid = options.targetFps === undefined ? undefined : new TickGrid(options.targetFps, delivered?.capturedAt);
    coverage.forgetAfter(delivered?.fragment);
    this.#reading = new Reading(attempt, { onGap: (gap) => this.#foresee(gap), onLost: (fragment, error) => this.#giveUp(fragment, error) });
    this.#freshness = this.#reading.live && new Freshness(this.#reading.live);
  }

  /** @throws FrameSourceError, or the reason of the controller's signal */
  async *frames(): AsyncGenerator<DeliveredFrame> {
    const fragments = this.#reading.fragments();
    let next = await fragments.next();
    while (!next.done) {
      const [first, init] = await this.#readInit(next.value);
      next = { value: first };
      // One decoder serves as long as the init segment stays the same: a new session or a gap is nothing to it.
      const fragmentsOfInit = async function* (): AsyncGenerator<FetchedFragment> {
        for (; !next.done && next.value.init === init.bytes; next = await fragments.next()) yield next.value;
      };
      yield* this.#decode(init, new Promptness(this.attempt.options, init, first.body), fragmentsOfInit());
    }
    this.#tell(this.#gapsAhead);
    if (this.attempt.options.end !== undefined && !this.#hasDelivered && this.attempt.delivered === undefined) throw this.#reading.emptiness;
  }

  /**
   * A fragment and its init segment; one that is broken is fetched anew, since the trouble may have been on the way.
   * @throws HLSStreamError MALFORMED_MEDIA, worth another attempt: what is broken is not kept; UNSUPPORTED_MEDIA
   */
  async #readInit(fetched: FetchedFragment): Promise<[FetchedFragment, InitSegment]> {
    for (let tries = 1; ; tries++) {
      try {
        return [fetched, readInitSegment(fetched.init)];
      } catch (error) {
        if (!isMalformed(error)) throw error;
        this.attempt.reader.forgetInit(fetched.init);
        if (tries === INIT_TRIES) throw new HLSStreamError(error.message, { code: error.code, retryable: true, cause: error });
        fetched = await fetched.again();
      }
    }
  }

  async *#decode(init: InitSegment, promptness: Promptness, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<DeliveredFrame> {
    const { options, ffmpeg, pool, controller, emit } = this.attempt;
    const size = outputSize(init, options.resize);
    const fragmentPictures = new FragmentPictures({ options, init, promptness, grid: this.#grid, delivered: this.attempt.delivered, takeGaps: () => this.#gapsAhead.splice(0) });
    const pictures = decode(this.#pictures(fragmentPictures, fragments), {
      ffmpeg,
      init: init.bytes,
      output: { pixelFormat: options.pixelFormat, ...size, threads: promptness.threads },
      pool,
      stallMs: options.timeout * 1000,
      controller,
      onStart: () => emit({ type: "decoder", codec: init.codec, width: init.width, height: init.height, restarts: this.#decodersStarted++ }),
      onFailed: (error) => emit({ type: "readError", error }),
      onLost: (lost, error) => this.#reportUndecodable(lost, error),
      renew: (coded) => fragmentPictures.renew(coded),
    });
    for await (const { data, value } of pictures) {
      if (await this.#freshness?.leavesOut(value)) {
        pool.give(data);
        continue;
      }
      const { ref, endsFragment, untilMs, gapsBefore, ...facts } = value;
      this.#tell(this.#freshness?.gapsBefore(value) ?? gapsBefore);
      this.#hasDelivered = true;
      const frame: Frame = { data, pixelFormat: options.pixelFormat, ...size, ...facts };
      yield { frame, delivered: { fragment: ref, index: frame.index, capturedAt: frame.capturedAt, untilMs, endsFragment } };
    }
  }

  async *#pictures(pictures: FragmentPictures, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<CodedPictures<FrameFacts>> {
    const { coverage, emit } = this.attempt;
    for await (const fetched of fragments) {
      const { ref } = fetched;
      try {
        const read = await pictures.read(fetched);
        if (coverage.isRepeat(ref, read.fingerprint)) {
          emit({ type: "repeat", ...ref });
          continue;
        }
        coverage.add(ref, read.fingerprint);
        emit({ type: "fragment", ...ref, bytes: read.fragment.downloaded, frames: read.samples.length });
        const { coded, lost } = pictures.write(read);
        this.#gapsAhead.push(...gapsOf(lost));
        if (coded) yield coded;
      } catch (error) {
        if (!isMalformed(error)) throw error;
        this.#giveUp(ref, error);
        this.attempt.reader.discard(fetched);
      }
    }
  }

  /** The fragment could not be had, or holds nothing that can be read: it is lost, and nothing else. */
  #giveUp({ startMs, durationMs }: FragmentRef, error: HLSStreamError): void {
    this.attempt.emit({ type: "readError", error });
    this.attempt.onUseless(error);
    // Told even where a clock that was set back covers the same time twice: other pictures are missing.
    this.#gapsAhead.push({ fromMs: startMs, toMs: startMs + durationMs, cause: error.code === "MALFORMED_MEDIA" ? "corrupt" : "fragment" });
  }

  /** Told with the next frame, without what was delivered under another number. */
  #foresee({ cause, ...stretch }: Gap): void {
    this.#gapsAhead.push(...this.attempt.coverage.missingFrom(stretch).map((missing) => ({ ...missing, cause })));
  }

  #reportUndecodable(lost: readonly FrameFacts[], error: DecoderError | undefined): void {
    if (error !== undefined) this.attempt.onUseless(error);
    this.#tell(gapsOf(lost));
  }

  #tell(gaps: readonly Gap[]): void {
    for (const gap of gaps) this.attempt.emit({ type: "gap", ...gap });
  }
}

const isMalformed = (error: unknown): error is HLSStreamError => error instanceof HLSStreamError && error.code === "MALFORMED_MEDIA";
