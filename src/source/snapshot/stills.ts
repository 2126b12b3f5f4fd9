import { DecoderError, HLSStreamError } from "../../core/errors.js";
import type { EventListener } from "../../core/events.js";
import { frameBytes, type Frame } from "../../core/frame.js";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import type { CodedPictures } from "../../core/picture.js";
import { isoTime } from "../../core/time.js";
import { decode } from "../../decoder/decoder.js";
import { FramePool } from "../../decoder/frame-pool.js";
import type { ListedFragment } from "../../hls/playlist.js";
import type { InitSegment } from "../../media/init.js";
import { neededFor, neededForAll } from "../../media/needed.js";
import { Remuxer } from "../../media/remux.js";
import type { Sample } from "../../media/samples.js";
import { linkedTo } from "../abort.js";
import type { ServiceLinks } from "../connect.js";
import { outputSize, type Size } from "../size.js";
import type { Ffmpegs } from "./ffmpegs.js";
import { capturedAt, readFragment } from "./fragment.js";

export interface StillsOptions {
  readonly options: ResolvedSnapshotOptions;
  readonly links: ServiceLinks;
  readonly ffmpegs: Ffmpegs;
  readonly signal: AbortSignal;
  readonly emit: EventListener;
}

/** A picture of which the fragment was read, and that is not decoded yet. */
export interface Still {
  /** Unix epoch, whole milliseconds. */
  readonly capturedAt: number;
  /** @throws DecoderError, or the signal's reason */
  readonly decode: () => Promise<Frame>;
}

/** All of a frame but its pixels. */
type Facts = Omit<Frame, "data" | "pixelFormat" | "width" | "height">;

interface Undecoded {
  readonly init: InitSegment;
  /** In decoding order. */
  readonly needed: readonly Sample[];
  /** Its fragment's pictures are presented in another order than they are decoded. */
  readonly isReordered: boolean;
  readonly facts: Facts;
}

/** Single pictures of fragments: of each, no more is decoded than it needs. */
export class Stills {
  constructor(private readonly its: StillsOptions) {}

  /**
   * The last picture of a fragment, in order of presentation, that was captured at or before a time; of those that are sampled.
   * @returns undefined when all are later
   * @throws HLSStreamError, MALFORMED_MEDIA among them, or the signal's reason
   */
  async last(fragment: ListedFragment, untilMs = Infinity): Promise<Still | undefined> {
    const { options: { sampling, clock }, links: { reader }, signal, emit } = this.its;
    const { init, frames, samples, wanted, receivedAt, bytes, totalBytes } = await readFragment(fragment, { sampling, untilMs }, reader, signal);
    const upToIt = wanted === undefined ? [] : neededFor(wanted, samples, init);
    const needed = wanted === undefined ? [] : neededForAll(new Set([wanted.index]), upToIt, init);
    const { number, startMs, durationMs } = fragment;
    emit({ type: "fragment", number, startMs, durationMs, bytes, totalBytes, frames, decoded: needed.length });
    if (wanted === undefined) return undefined;
    const time = capturedAt(fragment, wanted);
    if (needed.length === 0) {
      throw new HLSStreamError(`cannot decode the picture of ${isoTime(time)}: its fragment has no key picture before it`, { code: "MALFORMED_MEDIA" });
    }
    const { index, sync, ptsMs } = wanted;
    const facts = { capturedAt: time, clock, receivedAt, fragment: number, index, keyframe: sync, pts: ptsMs };
    const isReordered = upToIt.some((sample, position) => sample.index !== (upToIt[0]?.index ?? 0) + position);
    return { capturedAt: time, decode: () => this.#decode({ init, needed, isReordered, facts }) };
  }

  async #decode({ init, needed, isReordered, facts }: Undecoded): Promise<Frame> {
    const { options: { pixelFormat, resize }, signal, ffmpegs } = this.its;
    const size = outputSize(init, resize);
    const early = ffmpegs.takeEarly(isReordered);
    if (early !== undefined) {
      this.#tellOfDecoder(init);
      const data = await early.decode(init.bytes, codedFor(facts, needed, init), frameBytes(pixelFormat, size.width, size.height));
      signal.throwIfAborted();
      if (data !== undefined) return { data, pixelFormat, ...size, ...facts };
    }
    return this.#decodeAnew(init, needed, facts, size);
  }

  async #decodeAnew(init: InitSegment, needed: readonly Sample[], facts: Facts, size: Size): Promise<Frame> {
    const { options: { pixelFormat, timeout }, signal, emit } = this.its;
    const ffmpeg = await this.its.ffmpegs.locate();
    const { controller, release } = linkedTo(signal);
    let frame: Frame | undefined;
    let failure: DecoderError | undefined;
    // The input ends with the picture, so that ffmpeg gives it at once.
    async function* input() {
      yield codedFor(facts, needed, init);
    }
    try {
      const pictures = decode(input(), {
        ...{ ffmpeg, init, pool: new FramePool(), controller, output: { pixelFormat, ...size }, stallMs: timeout * 1000 },
        onStart: () => this.#tellOfDecoder(init),
        onFailed: (error) => emit({ type: "readError", error }),
        onLost: (_, error) => (failure = error),
      });
      for await (const { data, value } of pictures) frame = { data, pixelFormat, ...size, ...value };
    } finally {
      release();
    }
    if (frame !== undefined) return frame;
    throw failure ?? new DecoderError(`ffmpeg gave no picture of ${isoTime(facts.capturedAt)}`, { code: "FFMPEG_FAILED", retryable: true });
  }

  #tellOfDecoder({ codec, width, height }: InitSegment): void {
    this.its.emit({ type: "decoder", codec, width, height, restarts: 0 });
  }
}

const codedFor = (facts: Facts, needed: readonly Sample[], { trackId }: InitSegment): CodedPictures<Facts> => new Remuxer(trackId).write(needed, new Map([[facts.index, facts]]));
