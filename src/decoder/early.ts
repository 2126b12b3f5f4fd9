import type { OnReadOpts } from "node:net";
import type { PixelFormat } from "../core/frame.js";
import type { CodedPictures } from "../core/picture.js";
import { stillArgs, type DecoderOutput } from "./args.js";
import type { Ffmpeg } from "./locate.js";
import { startFfmpeg, type FfmpegProcess } from "./process.js";

export interface EarlyOptions {
  readonly ffmpeg: Ffmpeg;
  readonly pixelFormat: PixelFormat;
  /** undefined: the picture's own. */
  readonly size: Omit<DecoderOutput, "pixelFormat"> | undefined;
}

/** Holds what is read before the picture's own buffer is in place. */
const FIRST_BYTES = 65_536;

/**
 * An ffmpeg that is started before there is anything to decode, since its start takes as long as the way to a picture does. It
 * decodes one. Whatever goes wrong, it gives none and does not say why: an ordinary decoder does.
 */
export class EarlyFfmpeg {
  /** Fulfilled when it did not start, or is gone without having decoded anything. */
  readonly failed: Promise<void>;
  readonly #process: Promise<FfmpegProcess | undefined>;
  readonly #first = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** One byte longer than the picture, so that a larger one shows. */
  #pixels: Buffer | undefined;
  #have = 0;

  readonly #onread: OnReadOpts = {
    buffer: () => (this.#pixels !== undefined && this.#have < this.#pixels.length ? this.#pixels.subarray(this.#have) : this.#first),
    callback: (bytes, buffer) => {
      if (buffer.buffer === this.#first.buffer) this.#copy(this.#first.subarray(0, bytes));
      else this.#have += bytes;
      return true;
    },
  };

  constructor({ ffmpeg, pixelFormat, size }: EarlyOptions) {
    this.#process = startFfmpeg(ffmpeg, stillArgs({ pixelFormat, size }), this.#onread).catch(() => undefined);
    // Also sets a socket flowing that was made with `onread`.
    void this.#process.then((process) => process?.pixels.on("data", (chunk: Buffer) => this.#copy(chunk)));
    this.failed = this.#watch();
  }

  /**
   * To be called once.
   * @param pictures of which one is wanted
   * @param bytes of that picture's pixels
   */
  async decode(init: Buffer, pictures: CodedPictures<unknown>, bytes: number): Promise<Buffer | undefined> {
    const process = await this.#process;
    if (process === undefined || this.#have > 0) return undefined;
    this.#pixels = Buffer.allocUnsafeSlow(bytes + 1);
    const { input, pixels, exited } = process;
    const closed = pixels.closed ? undefined : new Promise((resolve) => pixels.once("close", resolve));
    input.cork();
    for (const piece of [init, ...pictures.bytes]) input.write(piece);
    input.end();
    const [exit] = await Promise.all([exited, closed]);
    return exit.ok && this.#have === bytes ? this.#pixels.subarray(0, bytes) : undefined;
  }

  /** Ends it, and waits until it is gone. */
  async close(): Promise<void> {
    await (await this.#process)?.kill();
  }

  async #watch(): Promise<void> {
    const exit = await (await this.#process)?.exited;
    if (exit?.ok && this.#pixels !== undefined) await new Promise<never>(() => undefined);
  }

  #copy(chunk: Buffer): void {
    if (this.#pixels !== undefined) chunk.copy(this.#pixels, this.#have);
    this.#have += chunk.length;
  }
}
