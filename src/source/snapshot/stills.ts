import { DecoderError, HLSStreamError } from "../../core/errors.js";
import type { EventListener } from "../../core/events.js";
import { compareFragments, LONGEST_FRAGMENT_MS } from "../../core/fragment.js";
import { frameBytes, type Frame } from "../../core/frame.js";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import type { CodedPictures, DecoderSetup } from "../../core/picture.js";
import { isoTime } from "../../core/time.js";
import { decode } from "../../decoder/decoder.js";
import { FramePool } from "../../decoder/frame-pool.js";
import type { ListedFragment } from "../../hls/playlist.js";
import { Remuxer } from "../../media/remux.js";
import { isKeyFrame, type ReadPictures } from "../../media/pictures.js";
import { linkedTo } from "../abort.js";
import type { ServiceLinks } from "../connect.js";
import { outputSize, type Size } from "../size.js";
import type { Ffmpegs } from "./ffmpegs.js";
import { picturesFor, type StillPictures } from "../still-pictures.js";
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

interface Undecoded extends StillPictures {
  readonly setup: DecoderSetup;
  /** Its fragment's pictures are presented in another order than they are decoded. */
  readonly isReordered: boolean;
  readonly facts: Facts;
}

/** Single pictures of fragments: of each, no more is decoded than it needs. */
export class Stills {
  constructor(private readonly its: StillsOptions) {}

  /**
   * The last picture of a fragment, in order of presentation, that was captured at or before a time; of those that are sampled.
   * @param listed where the fragments before it are, which it may reference
   * @returns undefined when all are later
   * @throws HLSStreamError, MALFORMED_MEDIA among them, or the signal's reason
   */
  async last(fragment: ListedFragment, listed: readonly ListedFragment[], untilMs = Infinity): Promise<Still | undefined> {
    const { options: { sampling, clock }, links: { reader }, signal, emit } = this.its;
    const read = await readFragment(fragment, { sampling, untilMs }, reader, signal);
    const { wanted, receivedAt, frames } = read;
    const found = wanted && (await picturesFor(wanted.index, read, this.#backwards(fragment, listed)));
    const { number, startMs, durationMs } = fragment;
    emit({ type: "fragment", number, startMs, durationMs, bytes: read.bytes, totalBytes: read.totalBytes, frames, decoded: found?.needed.length ?? 0 });
    if (wanted === undefined) return undefined;
    const time = capturedAt(fragment, wanted);
    if (found === undefined) {
      throw new HLSStreamError(`cannot decode the picture of ${isoTime(time)}: neither its fragment nor those before it that are listed hold what it references`, { code: "MALFORMED_MEDIA" });
    }
    const { index, ptsMs, setup } = wanted;
    const facts = { capturedAt: time, clock, receivedAt, fragment: number, index, keyframe: isKeyFrame(wanted), pts: ptsMs };
    const isReordered = read.pictures.some(({ depth }) => depth > 0);
    return { capturedAt: time, decode: () => this.#decode({ ...found, setup, isReordered, facts }) };
  }

  /** Reads the fragments before one, the nearest first. */
  #backwards(fragment: ListedFragment, listed: readonly ListedFragment[]): () => Promise<ReadPictures | undefined> {
    const { links: { reader }, signal } = this.its;
    const earlier = listed.filter((other) => compareFragments(other, fragment) < 0 && fragment.startMs - other.startMs <= LONGEST_FRAGMENT_MS).sort(compareFragments);
    return async () => {
      const last = earlier.pop();
      return last && readFragment(last, { sampling: "exact", untilMs: Infinity }, reader, signal);
    };
  }

  async #decode(undecoded: Undecoded): Promise<Frame> {
    const { options: { pixelFormat, resize }, signal, ffmpegs } = this.its;
    const { setup, isReordered, facts } = undecoded;
    const size = outputSize(setup, resize);
    const early = ffmpegs.takeEarly(isReordered);
    if (early !== undefined) {
      this.#tellOfDecoder(setup);
      const data = await early.decode(setup.bytes, codedFor(undecoded), frameBytes(pixelFormat, size.width, size.height));
      signal.throwIfAborted();
      if (data !== undefined) return { data, pixelFormat, ...size, ...facts };
    }
    return this.#decodeAnew(undecoded, size);
  }

  async #decodeAnew(undecoded: Undecoded, size: Size): Promise<Frame> {
    const { options: { pixelFormat, timeout }, signal, emit } = this.its;
    const { setup, facts } = undecoded;
    const ffmpeg = await this.its.ffmpegs.locate();
    const { controller, release } = linkedTo(signal);
    let frame: Frame | undefined;
    let failure: DecoderError | undefined;
    // The input ends with the picture, so that ffmpeg gives it at once.
    async function* input() {
      yield codedFor(undecoded);
    }
    try {
      const pictures = decode(input(), {
        ...{ ffmpeg, init: setup, pool: new FramePool(), controller, output: { pixelFormat, ...size }, stallMs: timeout * 1000 },
        onStart: () => this.#tellOfDecoder(setup),
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

  #tellOfDecoder({ codec, width, height }: DecoderSetup): void {
    this.its.emit({ type: "decoder", codec, width, height, restarts: 0 });
  }
}

const codedFor = ({ needed, place, facts }: Undecoded): CodedPictures<Facts> => new Remuxer().write(needed, new Map([[place, facts]]));
