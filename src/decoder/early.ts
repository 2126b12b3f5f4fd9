import type { CodedPictures } from "../core/picture.js";
import { stillArgs, type StillOutput } from "./args.js";
import type { Ffmpeg } from "./locate.js";
import { startFfmpeg, type FfmpegProcess } from "./process.js";

/**
 * An ffmpeg that is started before there is anything to decode, since its start takes as long as the way to a picture does. It
 * decodes one. Whatever goes wrong, it gives none and does not say why: an ordinary decoder does.
 */
export class EarlyFfmpeg {
  /** Fulfilled when it did not start, or is gone without having decoded anything. */
  readonly failed: Promise<void>;
  readonly #process: Promise<FfmpegProcess | undefined>;
  #pixels = Buffer.alloc(0);
  #have = 0;

  constructor(
    ffmpeg: Ffmpeg,
    readonly output: StillOutput,
  ) {
    this.#process = startFfmpeg(ffmpeg, stillArgs(output)).catch(() => undefined);
    this.failed = this.#watch();
  }

  /**
   * To be called once.
   * @param pictures of which one is wanted
   * @param bytes of that picture's pixels
   */
  async decode(init: Buffer, pictures: CodedPictures<unknown>, bytes: number): Promise<Buffer | undefined> {
    const process = await this.#process;
    if (process === undefined) return undefined;
    this.#pixels = Buffer.allocUnsafeSlow(bytes);
    const { input } = process;
    input.cork();
    for (const piece of [init, ...pictures.bytes]) input.write(piece);
    input.end();
    return (await this.#ended(process)) ? this.#pixels : undefined;
  }

  /** Ends it, and waits until it is gone. */
  async close(): Promise<void> {
    await (await this.#process)?.kill();
  }

  async #watch(): Promise<void> {
    const process = await this.#process;
    if (process === undefined) return;
    process.pixels.on("data", (chunk: Buffer) => {
      chunk.copy(this.#pixels, this.#have);
      this.#have += chunk.length;
    });
    if (await this.#ended(process)) await new Promise<never>(() => undefined);
  }

  /** @returns whether it gave exactly the picture */
  async #ended({ exited, pixels }: FfmpegProcess): Promise<boolean> {
    const closed = pixels.closed ? undefined : new Promise((resolve) => pixels.once("close", resolve));
    const [{ ok }] = await Promise.all([exited, closed]);
    return ok && this.#have > 0 && this.#have === this.#pixels.length;
  }
}
