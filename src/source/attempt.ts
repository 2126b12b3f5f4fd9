import { DecoderError, HLSStreamError, type FrameSourceError } from "../core/errors.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures, DecoderSetup } from "../core/picture.js";
import { decode, type Decoded } from "../decoder/decoder.js";
import type { DecoderOutput } from "../decoder/args.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { Gap } from "../hls/selection.js";
import { readInitSegment, type InitSegment } from "../media/init.js";
import { gapsOf, type FrameFacts } from "./facts.js";
import type { AttemptOptions, DeliveredFrame } from "./attempt-options.js";
import type { DecoderRun } from "./decode-chain.js";
import { FragmentPictures, type Decodable } from "./fragment-pictures.js";
import { Freshness } from "./freshness.js";
import { keyFrames } from "./key-frames.js";
import { faultIn } from "./read-fragment.js";
import { Reading } from "./reading.js";
import { SamplingPlan } from "./sampling/plan.js";
import { TickGrid } from "./sampling/tick-grid.js";
import { inRuns } from "./in-runs.js";
import { outputSize } from "./size.js";
import { undecodable, unreferenced } from "./unusable.js";

/** Pictures of fragments that are less apart by the service's clock may reference each other, milliseconds. */
const SEAM_MS = 1000;
/** An ffmpeg that never gave a picture and gives none of so many key pictures is broken, rather than they. */
const KEYS_IN_A_ROW = 3;

/** One connection, from the playlist to the frames: no second try at anything but a request or a fragment. */
export class Attempt {
  readonly #plan: SamplingPlan;
  readonly #reading: Reading;
  readonly #freshness: Freshness | undefined;
  #pictures: FragmentPictures | undefined;
  #decodersStarted = 0;
  #hasDelivered = false;
  /** There was footage, though nothing of it may have been wanted. */
  #hasSeen = false;
  #fruitlessKeys = 0;
  /** The first reason why media could not be decoded. */
  #unusable: FrameSourceError | undefined;
  /** The fragment that pictures were chosen from last, and whether all of them have been delivered. */
  #lastChosen: FragmentRef | undefined;
  #isAllDelivered = true;
  /** Found ahead of the frames that are still being decoded: to be told in their turn, with the frame that comes after. */
  #gapsAhead: Gap[] = [];

  constructor(private readonly attempt: AttemptOptions) {
    const { options, delivered, coverage, emit, onSkipped } = attempt;
    const { targetFps, sampling, start, end } = options;
    this.#plan = new SamplingPlan(sampling, targetFps === undefined ? undefined : new TickGrid(targetFps, delivered?.capturedAt), { start, end });
    coverage.forgetAfter(delivered?.fragment);
    this.#reading = new Reading(attempt, {
      plan: this.#plan,
      onGap: (gap) => this.#foresee(gap),
      onLost: (fragment, error) => this.#giveUp(fragment, error),
      onSkipped: (fragment) => {
        this.#pictures?.interrupt();
        this.#hasSeen ||= overlaps(fragment, options);
        coverage.pass(fragment);
        emit({ type: "skipped", ...fragment });
        onSkipped(fragment, this.#owesNothing);
      },
    });
    this.#freshness = this.#reading.live && new Freshness(this.#reading.live);
  }

  /** @throws FrameSourceError, or the reason of the controller's signal */
  async *frames(): AsyncGenerator<DeliveredFrame> {
    const fragments = this.#reading.fragments();
    // One decoder serves as long as the init segment stays the same: a new session or a gap is nothing to it.
    yield* inRuns(fragments, ({ init }) => init, (ofInit, bytes) => this.#decode(readInitSegment(bytes), ofInit));
    this.#tell(this.#gapsAhead);
    const { options: { end, targetFps, sampling }, delivered } = this.attempt;
    const isSampled = targetFps !== undefined || sampling === "keyframe";
    if (end === undefined || this.#hasDelivered || delivered !== undefined) return;
    if (this.#unusable !== undefined) throw undecodable(this.#unusable);
    if (!(isSampled && this.#hasSeen)) throw this.#reading.emptiness;
  }

  async *#decode(init: InitSegment, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<DeliveredFrame> {
    const { options, delivered } = this.attempt;
    const pictures = new FragmentPictures({ options, init, plan: this.#plan, delivered, takeGaps: () => this.#gapsAhead.splice(0), returnGaps: (gaps) => this.#gapsAhead.unshift(...gaps) });
    this.#pictures = pictures;
    yield* inRuns(this.#chosen(pictures, fragments), ({ run }) => run, (alike, run) => this.#decodeRun(alike, run, pictures));
  }

  /** Frames of one decoder, which are all of one size. */
  async *#decodeRun(pieces: AsyncIterable<Decodable>, { setup, areKeys }: DecoderRun, pictures: FragmentPictures): AsyncGenerator<DeliveredFrame> {
    const { options } = this.attempt;
    const output = { pixelFormat: options.pixelFormat, ...outputSize(setup, options.resize) };
    const decoding: Decoding = { setup, output, pictures };
    const decoded = areKeys ? this.#decodeKeys(pieces, decoding) : this.#decodeAll(pieces, decoding);
    for await (const { data, value, giveBack } of decoded) {
      if (await this.#freshness?.leavesOut(value)) {
        giveBack();
        continue;
      }
      const { ref, endsFragment, untilMs, gapsBefore, ...facts } = value;
      this.#tell(this.#freshness?.gapsBefore(value) ?? gapsBefore);
      this.#hasDelivered = true;
      this.#isAllDelivered = endsFragment && ref.number === this.#lastChosen?.number;
      const frame: Frame = { data, ...output, ...facts };
      yield { frame, delivered: { fragment: ref, index: frame.index, capturedAt: frame.capturedAt, untilMs, endsFragment } };
    }
  }

  /** Pictures of whole stretches, through a decoder of their own. */
  async *#decodeAll(pieces: AsyncIterable<Decodable>, { setup, output, pictures }: Decoding): AsyncGenerator<DecodedFrame> {
    const { ffmpeg, pool, options, controller, emit } = this.attempt;
    const coded = async function* (): AsyncGenerator<CodedPictures<FrameFacts>> {
      for await (const piece of pieces) if (!piece.areKeys) yield piece.coded;
    };
    const decoded = decode(coded(), {
      ...{ ffmpeg, init: setup, output: { ...output, threads: pictures.threadsFor(setup) }, pool, pixelsTo: options.pixelsTo, stallMs: options.timeout * 1000, controller },
      onStart: () => this.#started(setup),
      onFailed: (error) => {
        pictures.interrupt();
        emit({ type: "readError", error });
      },
      onLost: (lost, error) => this.#reportUndecodable(lost, error),
      renew: (lost) => pictures.renew(lost),
    });
    for await (const picture of decoded) yield { ...picture, giveBack: () => pool.give(picture.data) };
  }

  /** Key pictures, each alone. */
  async *#decodeKeys(pieces: AsyncIterable<Decodable>, decoding: Decoding): AsyncGenerator<DecodedFrame> {
    const { decoders } = this.attempt;
    const onStart = (): void => this.#started(decoding.setup);
    const onLost = (lost: FrameFacts, error: DecoderError): void => {
      // Those after it in its fragment have taken their ticks.
      if (lost.endsFragment) this.#plan.giveBack();
      this.#reportUndecodable([lost], error);
      this.#fruitlessKeys += 1;
      if (!this.#hasDelivered && this.#fruitlessKeys >= KEYS_IN_A_ROW) throw error;
    };
    for await (const picture of keyFrames(pieces, { ...this.attempt, ...decoding, onStart, onLost })) yield { ...picture, giveBack: () => decoders.release(picture.data) };
  }

  async *#chosen(pictures: FragmentPictures, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<Decodable> {
    const { coverage, emit, reader, options, onSkipped } = this.attempt;
    for await (const fetched of fragments) {
      const { ref } = fetched;
      try {
        const read = await pictures.read(fetched);
        const fault = faultIn(read);
        if (fault !== undefined) emit({ type: "readError", error: fault });
        if (coverage.isRepeat(ref, read.fingerprint)) {
          emit({ type: "repeat", ...ref });
          continue;
        }
        this.#hasSeen ||= overlaps(ref, options);
        coverage.add(ref, read.fingerprint);
        const chosen = await pictures.choose(read);
        const { fragment, frames, decoded, decodables, lost } = chosen;
        emit({ type: "fragment", ...ref, bytes: fragment.downloaded, totalBytes: fragment.total, frames, decoded });
        this.#gapsAhead.push(...gapsOf(lost));
        if (decodables.length > 0) [this.#lastChosen, this.#isAllDelivered] = [ref, false];
        else if (lost.length === 0) onSkipped(ref, this.#owesNothing);
        else this.#noteUnusable(fault ?? unreferenced(lost));
        yield* decodables;
      } catch (error) {
        if (!isMalformed(error)) throw error;
        this.#giveUp(ref, error);
        reader.discard(fetched);
      }
    }
  }

  /** All that was wanted so far has been delivered, and all that is missing told. */
  get #owesNothing(): boolean {
    return this.#isAllDelivered && this.#gapsAhead.length === 0;
  }

  #started({ codec, width, height }: DecoderSetup): void {
    this.attempt.emit({ type: "decoder", codec, width, height, restarts: this.#decodersStarted++ });
  }

  /** The fragment could not be had, or holds nothing that can be read: it is lost, and nothing else. */
  #giveUp(fragment: FragmentRef, error: HLSStreamError): void {
    this.#pictures?.giveUp(fragment);
    const { startMs, durationMs } = fragment;
    this.attempt.emit({ type: "readError", error });
    this.#noteUnusable(error);
    // Told even where a clock that was set back covers the same time twice: other pictures are missing.
    this.#gapsAhead.push({ fromMs: startMs, toMs: startMs + durationMs, cause: error.code === "MALFORMED_MEDIA" ? "corrupt" : "fragment" });
  }

  /** Told with the next frame, without what was delivered under another number. */
  #foresee({ cause, ...stretch }: Gap): void {
    // The service's clock shows gaps where its network was slow.
    const isSeam = cause === "offline" && this.attempt.options.clock === "server" && stretch.toMs - stretch.fromMs < SEAM_MS;
    if (!isSeam) this.#pictures?.interrupt();
    this.#gapsAhead.push(...this.attempt.coverage.missingFrom(stretch).map((missing) => ({ ...missing, cause })));
  }

  #reportUndecodable(lost: readonly FrameFacts[], error: DecoderError | undefined): void {
    if (error !== undefined) this.#noteUnusable(error);
    this.#tell(gapsOf(lost));
  }

  /** Media came of which no frame can be made. */
  #noteUnusable(error: HLSStreamError | DecoderError): void {
    if (error.code === "MALFORMED_MEDIA" || error instanceof DecoderError) this.#unusable ??= error;
    this.attempt.onUseless(error);
  }

  #tell(gaps: readonly Gap[]): void {
    for (const gap of gaps) this.attempt.emit({ type: "gap", ...gap });
  }
}

const isMalformed = (error: unknown): error is HLSStreamError => error instanceof HLSStreamError && error.code === "MALFORMED_MEDIA";

/** What all pictures of a run have in common. */
interface Decoding {
  readonly setup: DecoderSetup;
  readonly output: DecoderOutput;
  readonly pictures: FragmentPictures;
}

interface DecodedFrame extends Decoded<FrameFacts> {
  /** Its pixels are not needed. */
  readonly giveBack: () => void;
}

/** Whether a fragment holds footage of what is asked for. */
const overlaps = ({ startMs, durationMs }: FragmentRef, { start = -Infinity, end = Infinity }: SourceOptions): boolean => startMs < end && startMs + durationMs > start;
