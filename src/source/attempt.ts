import { HLSStreamError, type DecoderError } from "../core/errors.js";
import type { EventListener } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures } from "../core/picture.js";
import { decode, type Decoded } from "../decoder/decoder.js";
import type { DecoderOutput } from "../decoder/args.js";
import type { FramePool } from "../decoder/frame-pool.js";
import type { AnyFfmpeg } from "../decoder/run.js";
import type { ArchiveSupply } from "../hls/archive.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { SessionSupply } from "../hls/follower.js";
import type { SessionReader } from "../hls/reader.js";
import type { Gap } from "../hls/selection.js";
import { readInitSegment, type InitSegment } from "../media/init.js";
import type { Coverage } from "./coverage.js";
import { gapsOf, type Delivered, type FrameFacts } from "./facts.js";
import type { DecoderPool } from "./decoder-pool.js";
import { FragmentPictures, type ChosenFragment } from "./fragment-pictures.js";
import { Freshness } from "./freshness.js";
import { keyFrames } from "./key-frames.js";
import { Promptness } from "./promptness.js";
import { Reading } from "./reading.js";
import { SamplingPlan } from "./sampling/plan.js";
import { TickGrid } from "./sampling/tick-grid.js";
import { inRuns } from "./in-runs.js";
import { outputSize } from "./size.js";

export interface AttemptOptions {
  readonly options: SourceOptions;
  readonly sessions: SessionSupply;
  readonly archive: ArchiveSupply;
  readonly reader: SessionReader;
  readonly ffmpeg: AnyFfmpeg;
  readonly pool: FramePool;
  /** Of key pictures. */
  readonly decoders: DecoderPool;
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
  /** Nothing is wanted of a fragment. Going on after it will do, where nothing is owed of what came before. */
  readonly onSkipped: (fragment: FragmentRef, owesNothing: boolean) => void;
}

/** A frame and what must be known to go on after it. */
export interface DeliveredFrame {
  readonly frame: Frame;
  readonly delivered: Delivered;
}

/** An ffmpeg that never gave a picture and gives none of so many key pictures is broken, rather than they. */
const KEYS_IN_A_ROW = 3;

/** One connection, from the playlist to the frames: no second try at anything but a request or a fragment. */
export class Attempt {
  readonly #plan: SamplingPlan;
  readonly #reading: Reading;
  readonly #freshness: Freshness | undefined;
  #decodersStarted = 0;
  #hasDelivered = false;
  /** There was footage, though nothing of it may have been wanted. */
  #hasSeen = false;
  #fruitlessKeys = 0;
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
    const isEmpty = !this.#hasDelivered && delivered === undefined && !(isSampled && this.#hasSeen);
    if (end !== undefined && isEmpty) throw this.#reading.emptiness;
  }

  async *#decode(init: InitSegment, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<DeliveredFrame> {
    const { options, delivered } = this.attempt;
    const output = { pixelFormat: options.pixelFormat, ...outputSize(init, options.resize) };
    const promptness = new Promptness(options, init);
    const pictures = new FragmentPictures({ options, init, promptness, plan: this.#plan, delivered, takeGaps: () => this.#gapsAhead.splice(0), returnGaps: (gaps) => this.#gapsAhead.unshift(...gaps) });
    const decoding: Decoding = { init, output, promptness, pictures };
    const decoded = inRuns(this.#chosen(pictures, fragments), areKeys, (alike, areKeysAlone) => (areKeysAlone ? this.#decodeKeys(alike, decoding) : this.#decodeAll(alike, decoding)));
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
  async *#decodeAll(fragments: AsyncIterable<ChosenFragment>, { init, output, promptness, pictures }: Decoding): AsyncGenerator<DecodedFrame> {
    const { ffmpeg, pool, options, controller, emit } = this.attempt;
    const coded = async function* (): AsyncGenerator<CodedPictures<FrameFacts>> {
      for await (const { decodable } of fragments) if (decodable?.areKeys === false) yield decodable.coded;
    };
    const decoded = decode(coded(), {
      ...{ ffmpeg, init, output: { ...output, threads: promptness.threads }, pool, pixelsTo: options.pixelsTo, stallMs: options.timeout * 1000, controller },
      onStart: () => this.#started(init),
      onFailed: (error) => emit({ type: "readError", error }),
      onLost: (lost, error) => this.#reportUndecodable(lost, error),
      renew: (lost) => pictures.renew(lost),
    });
    for await (const picture of decoded) yield { ...picture, giveBack: () => pool.give(picture.data) };
  }

  /** Key pictures, each alone. */
  async *#decodeKeys(fragments: AsyncIterable<ChosenFragment>, decoding: Decoding): AsyncGenerator<DecodedFrame> {
    const { decoders } = this.attempt;
    const onStart = (): void => this.#started(decoding.init);
    const onLost = (lost: FrameFacts, error: DecoderError): void => {
      // Those after it in its fragment have taken their ticks.
      if (lost.endsFragment) this.#plan.giveBack();
      this.#reportUndecodable([lost], error);
      this.#fruitlessKeys += 1;
      if (!this.#hasDelivered && this.#fruitlessKeys >= KEYS_IN_A_ROW) throw error;
    };
    for await (const picture of keyFrames(fragments, { ...this.attempt, ...decoding, onStart, onLost })) yield { ...picture, giveBack: () => decoders.release(picture.data) };
  }

  async *#chosen(pictures: FragmentPictures, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<ChosenFragment> {
    const { coverage, emit, reader, options, onSkipped } = this.attempt;
    for await (const fetched of fragments) {
      const { ref } = fetched;
      try {
        const read = await pictures.read(fetched);
        if (coverage.isRepeat(ref, read.fingerprint)) {
          emit({ type: "repeat", ...ref });
          continue;
        }
        this.#hasSeen ||= overlaps(ref, options);
        coverage.add(ref, read.fingerprint);
        const chosen = await pictures.choose(read);
        const { fragment: { downloaded, total }, frames, decoded, lost } = chosen;
        emit({ type: "fragment", ...ref, bytes: downloaded, totalBytes: total, frames, decoded });
        this.#gapsAhead.push(...gapsOf(lost));
        if (chosen.decodable) {
          [this.#lastChosen, this.#isAllDelivered] = [ref, false];
          yield chosen;
        } else if (lost.length === 0) onSkipped(ref, this.#owesNothing);
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

  #started({ codec, width, height }: InitSegment): void {
    this.attempt.emit({ type: "decoder", codec, width, height, restarts: this.#decodersStarted++ });
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

/** What all pictures of an init segment have in common. */
interface Decoding {
  readonly init: InitSegment;
  readonly output: DecoderOutput;
  readonly promptness: Promptness;
  readonly pictures: FragmentPictures;
}

interface DecodedFrame extends Decoded<FrameFacts> {
  /** Its pixels are not needed. */
  readonly giveBack: () => void;
}

/** Whether a fragment holds footage of what is asked for. */
const overlaps = ({ startMs, durationMs }: FragmentRef, { start = -Infinity, end = Infinity }: SourceOptions): boolean => startMs < end && startMs + durationMs > start;

const areKeys = ({ decodable }: ChosenFragment): boolean => decodable?.areKeys === true;
