import { HLSStreamError } from "../core/errors.js";
import type { EventListener } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { SourceOptions } from "../core/options.js";
import type { CodedPictures } from "../core/picture.js";
import { decode } from "../decoder/decoder.js";
import type { Ffmpeg } from "../decoder/locate.js";
import { Follower, type FetchedFragment, type SessionSupply } from "../hls/follower.js";
import type { SessionReader } from "../hls/reader.js";
import { positionAfter, type Gap, type Position } from "../hls/selection.js";
import { readInitSegment, type InitSegment } from "../media/init.js";
import { Remuxer } from "../media/remux.js";
import { readSamples } from "../media/samples.js";
import { outputSize } from "./size.js";
import { TickGrid } from "./sampling.js";

/** The last frame that was delivered. */
export interface Delivered {
  readonly fragment: FragmentRef;
  readonly index: number;
  readonly capturedAt: number;
  /** No other frame of its fragment is wanted. */
  readonly endsFragment: boolean;
}

export interface AttemptOptions {
  readonly options: SourceOptions;
  readonly sessions: SessionSupply;
  readonly reader: SessionReader;
  readonly ffmpeg: Ffmpeg;
  /** Go on after this frame; undefined: begin with the newest fragment. */
  readonly delivered: Delivered | undefined;
  /** Ends the attempt; also aborted by the attempt itself when it ends. */
  readonly controller: AbortController;
  readonly emit: EventListener;
  readonly onIdle: (idleMs: number) => void;
}

/** A frame but for its pixels, and the fragment it is from. */
interface FrameFacts extends Omit<Frame, "data" | "pixelFormat" | "width" | "height"> {
  readonly ref: FragmentRef;
  readonly endsFragment: boolean;
  /** What is missing between the frame before and this one. */
  readonly gapsBefore: readonly Gap[];
}

/** A frame and what must be known to go on after it. */
export interface DeliveredFrame {
  readonly frame: Frame;
  readonly delivered: Delivered;
}

/** One connection, from the playlist to the frames: no second try at anything but a request. */
export class Attempt {
  readonly #grid: TickGrid | undefined;
  #decodersStarted = 0;
  /** Found ahead of the frames that are still being decoded: to be told in their turn, with the frame that comes after. */
  #gapsAhead: Gap[] = [];

  constructor(private readonly attempt: AttemptOptions) {
    const { options, delivered } = attempt;
    this.#grid = options.targetFps === undefined ? undefined : new TickGrid(options.targetFps, delivered?.capturedAt);
  }

  /** @throws FrameSourceError, or the reason of the controller's signal */
  async *frames(): AsyncGenerator<DeliveredFrame> {
    const fragments = this.#follow();
    let next = await fragments.next();
    while (!next.done) {
      const bytes = next.value.init;
      const init = readInitSegment(bytes);
      // One decoder serves as long as the init segment stays the same: a new session or a gap is nothing to it.
      const fragmentsOfInit = async function* (): AsyncGenerator<FetchedFragment> {
        for (; !next.done && next.value.init === bytes; next = await fragments.next()) yield next.value;
      };
      yield* this.#decode(init, fragmentsOfInit());
    }
    this.#tell(this.#gapsAhead);
  }

  #follow(): AsyncGenerator<FetchedFragment> {
    const { options, sessions, reader, delivered, controller, onIdle } = this.attempt;
    return new Follower({
      sessions,
      reader,
      position: delivered && positionOf(delivered),
      maxLagMs: options.delivery === "live" ? options.maxLag * 1000 : undefined,
      signal: controller.signal,
      onGap: (gap) => this.#gapsAhead.push(gap),
      onLost: (fragment, error) => this.#giveUp(fragment, error),
      onIdle,
    }).fragments();
  }

  async *#decode(init: InitSegment, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<DeliveredFrame> {
    const { options, ffmpeg, controller, emit } = this.attempt;
    const size = outputSize(init, options.resize);
    emit({ type: "decoder", codec: init.codec, width: init.width, height: init.height, restarts: this.#decodersStarted++ });
    const pictures = decode(this.#pictures(init, fragments), {
      ffmpeg,
      init: init.bytes,
      output: { pixelFormat: options.pixelFormat, ...size },
      stallMs: options.timeout * 1000,
      controller,
      onLost: (lost) => this.#reportUndecodable(lost),
    });
    for await (const { data, value } of pictures) {
      const { ref, endsFragment, gapsBefore, ...facts } = value;
      this.#tell(gapsBefore);
      const frame: Frame = { data, pixelFormat: options.pixelFormat, ...size, ...facts };
      yield { frame, delivered: { fragment: ref, index: frame.index, capturedAt: frame.capturedAt, endsFragment } };
    }
  }

  async *#pictures(init: InitSegment, fragments: AsyncIterable<FetchedFragment>): AsyncGenerator<CodedPictures<FrameFacts>> {
    const remuxer = new Remuxer(init.trackId);
    for await (const fragment of fragments) {
      try {
        const samples = readSamples(fragment.body, init);
        const { ref, body } = fragment;
        this.attempt.emit({ type: "fragment", ...ref, bytes: body.length, frames: samples.length });
        yield remuxer.write(samples, this.#choose(samples, fragment));
      } catch (error) {
        if (!(error instanceof HLSStreamError)) throw error;
        this.#giveUp(fragment.ref, error);
      }
    }
  }

  /** What to deliver of a fragment: all that was not delivered before and that the grid picks. */
  #choose(samples: ReturnType<typeof readSamples>, { ref, receivedAt }: FetchedFragment): Map<number, FrameFacts> {
    const { options, delivered } = this.attempt;
    const ordered = [...samples].sort((a, b) => a.index - b.index);
    const times = ordered.map(({ ptsMs }) => Math.round(ref.startMs + ptsMs));
    const picked = new Set(this.#grid?.pick(times) ?? times.keys());
    const isNew = (index: number): boolean => ref.number !== delivered?.fragment.number || index > delivered.index;
    const wanted = ordered.filter(({ index }) => picked.has(index) && isNew(index));
    const facts = wanted.map(({ index, ptsMs, sync }): FrameFacts => {
      const capturedAt = times[index] ?? Number.NaN;
      const endsFragment = index === wanted.at(-1)?.index;
      const gapsBefore = this.#gapsAhead.splice(0); // all to the first
      return { ref, endsFragment, gapsBefore, capturedAt, clock: options.clock, receivedAt, fragment: ref.number, index, keyframe: sync, pts: ptsMs };
    });
    return new Map(facts.map((fact) => [fact.index, fact]));
  }

  /** The fragment could not be had, or holds nothing that can be read: it is lost, and nothing else. */
  #giveUp(fragment: FragmentRef, error: HLSStreamError): void {
    const { emit } = this.attempt;
    emit({ type: "readError", error });
    const cause = error.code === "MALFORMED_MEDIA" ? "corrupt" : "fragment";
    this.#gapsAhead.push({ fromMs: fragment.startMs, toMs: fragment.startMs + fragment.durationMs, cause });
  }

  #tell(gaps: readonly Gap[]): void {
    for (const gap of gaps) this.attempt.emit({ type: "gap", ...gap });
  }

  #reportUndecodable(lost: readonly FrameFacts[]): void {
    const [first, last] = [lost[0], lost.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#tell([...lost.flatMap(({ gapsBefore }) => gapsBefore), { fromMs: first.capturedAt, toMs: last.capturedAt, cause: "corrupt" }]);
  }
}

const positionOf = ({ fragment, capturedAt, endsFragment }: Delivered): Position =>
  endsFragment ? positionAfter(fragment) : { fragment, untilMs: capturedAt, isPartial: true };
