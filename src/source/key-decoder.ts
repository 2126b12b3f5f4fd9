import { DecoderError } from "../core/errors.js";
import type { CodedPictures, DecoderSetup } from "../core/picture.js";
import type { DecoderOutput } from "../decoder/args.js";
import { decode } from "../decoder/decoder.js";
import type { FramePool } from "../decoder/frame-pool.js";
import type { AnyFfmpeg } from "../decoder/run.js";
import { readAccessUnit } from "../media/access-unit.js";
import { setupWithoutReordering } from "../media/decoder-setup.js";
import { endOfSequence, LENGTH_BYTES, NAL_RULES } from "../media/nal.js";
import type { CodedPicture } from "../media/pictures.js";
import { Remuxer } from "../media/remux.js";
import { sampleWithReorderDepth } from "../media/reorder-depth.js";

export interface KeyRequest {
  readonly ffmpeg: AnyFfmpeg;
  readonly init: DecoderSetup;
  readonly picture: Pick<CodedPicture, "data" | "sync" | "kind">;
  readonly output: DecoderOutput;
  /** Time in which a working ffmpeg gives a picture, milliseconds. */
  readonly stallMs: number;
  /** Another ffmpeg has started for it. */
  readonly onStart: () => void;
}

interface Waiting {
  readonly picture: KeyRequest["picture"];
  readonly resolve: (data: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** One ffmpeg for key pictures of one codec configuration: each goes in alone and comes out at once. */
export class KeyDecoder {
  readonly #controller = new AbortController();
  readonly #queue: Waiting[] = [];
  readonly #inside = new Set<Waiting>();
  readonly #ended: Promise<void>;
  #wake: (() => void) | undefined;
  #isEnding = false;

  /** Requests of the same key may go to the same decoder. */
  static keyOf({ ffmpeg, init, output }: KeyRequest): string {
    return [ffmpeg.path, init.configuration, init.width, init.height, output.pixelFormat, output.width, output.height].join(" ");
  }

  /** @param onEnd it takes no more requests */
  constructor(
    private readonly first: KeyRequest,
    pool: FramePool,
    onEnd: () => void,
  ) {
    // By whatever it is ended: who waits for a picture to come must not be waited for.
    this.#controller.signal.addEventListener("abort", () => this.#wake?.());
    this.#ended = this.#run(pool).then(onEnd, (error: unknown) => {
      onEnd();
      for (const { reject } of [...this.#inside, ...this.#queue]) reject(error);
    });
  }

  /** @throws DecoderError */
  decode({ picture }: KeyRequest): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ picture, resolve, reject });
      this.#wake?.();
    });
  }

  /** Takes no more: once all that was asked for has been decoded, it ends. */
  end(): void {
    this.#isEnding = true;
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.#controller.abort(new DecoderError("the decoder was closed", { code: "FFMPEG_FAILED" }));
    await this.#ended;
  }

  async #run(pool: FramePool): Promise<void> {
    const { ffmpeg, init, output, stallMs, onStart } = this.first;
    const pictures = decode(this.#input(), {
      ...{ ffmpeg, output, pool, stallMs, onStart },
      init: setupWithoutReordering(init),
      heldBack: 0,
      controller: this.#controller,
      onLost: (lost, error) => {
        for (const waiting of lost) this.#settle(waiting).reject(error ?? new DecoderError("ffmpeg gave no picture of a key picture", { code: "FFMPEG_FAILED", retryable: true }));
      },
    });
    for await (const { data, value } of pictures) this.#settle(value).resolve(data);
  }

  async *#input(): AsyncGenerator<CodedPictures<Waiting>> {
    const { init } = this.first;
    const remuxer = new Remuxer();
    for (;;) {
      this.#controller.signal.throwIfAborted();
      const waiting = this.#queue.shift();
      if (waiting === undefined) {
        if (this.#isEnding) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      this.#inside.add(waiting);
      yield remuxer.write([{ data: alone(waiting.picture, init), sync: true, index: 0, order: 0 }], new Map([[0, waiting]]));
    }
  }

  #settle(waiting: Waiting): Waiting {
    this.#inside.delete(waiting);
    return waiting;
  }
}

/** Returns a key frame that a decoder gives at once: its own parameter sets, if it brings some, promise so too. */
export function alone({ data, kind }: KeyRequest["picture"], { codec }: DecoderSetup): Buffer {
  const { units } = readAccessUnit(data, { codec, nalLengthBytes: LENGTH_BYTES });
  const hasSequence = units.some(({ type }) => type === NAL_RULES[codec].sequence);
  const prompt = hasSequence ? sampleWithReorderDepth(units, codec, 0) : data;
  return codec === "h265" && !kind.isReset ? Buffer.concat([endOfSequence, prompt]) : prompt;
}
