import { frameBytes } from "../core/frame.js";
import type { DecoderOutput } from "./args.js";
import { Canvases, isTight, newCanvas, viewOf, type Canvas } from "./canvases.js";
import { failed } from "./failed.js";
import type { FramePool } from "./frame-pool.js";
import { NativeCalls } from "./native-calls.js";
import { AV_FORMATS, type AvFrame, type AvScaler, type NodeAv } from "./node-av.js";

/** libavutil/pixfmt.h */
const RGB = 0;
const UNSPECIFIED = 2;
const LIMITED = 1;
const FULL = 2;
/** libavutil/frame.h */
const INTERLACED = 8;

/**
 * Turns FFmpeg's pictures into pixels of one size and layout, as ffmpeg's filters `scale=WxH,format=F` do, byte for byte. Where rows
 * have no padding they are lent as they are, else copied. One call at a time; all work is done by threads of Node.js.
 */
export class LibavPixels {
  readonly #calls = new NativeCalls();
  readonly #canvases: Canvases;
  readonly #scaler: AvScaler;
  #copier: AvScaler | undefined;
  /** For pictures that are copied. */
  #scratch: Canvas | undefined;

  constructor(
    private readonly av: NodeAv,
    private readonly output: DecoderOutput,
    private readonly pool: FramePool,
  ) {
    this.#canvases = Canvases.of(pool);
    this.#scaler = new av.SoftwareScaleContext();
    this.#scaler.allocContext();
  }

  /**
   * @returns pixels as {@link Frame.data} has them; to be given back to the pool
   * @throws DecoderError FFMPEG_FAILED
   */
  async of(picture: AvFrame): Promise<Buffer> {
    const lent = this.#canLend ? this.#canvases.take(this.av, this.output) : undefined;
    const canvas = lent ?? (this.#scratch ??= newCanvas(this.av, this.output));
    try {
      const scaled = this.#calls.make(() => {
        this.#colour(picture, canvas.frame);
        // Interlaced pictures are scaled whole, as the filter does by default; the scaler refuses them unless both frames are.
        picture.flags &= ~INTERLACED;
        return this.#scaler.scaleFrame(canvas.frame, picture);
      });
      this.#check(await scaled, "scale");
    } catch (error) {
      if (lent !== undefined) this.pool.give(viewOf(lent));
      throw error;
    }
    return lent === undefined ? this.#copy(canvas) : viewOf(lent);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#calls.close();
    this.#scaler.freeContext();
    this.#copier?.freeContext();
    this.#scratch?.frame.free();
  }

  /** Learned from the first canvas, which is of no use otherwise. */
  get #canLend(): boolean {
    if (this.output.pixelFormat === "yuv420p") return false;
    this.#scratch ??= newCanvas(this.av, this.output);
    return isTight(this.#scratch, this.output);
  }

  /**
   * What a filter graph tells the scaler. Grey is luma in full range, whatever the matrix: with one, it would be made from RGB. Where
   * chroma samples lie is left out, as the filters do.
   */
  #colour(from: AvFrame, to: AvFrame): void {
    const { pixelFormat } = this.output;
    from.chromaLocation = 0;
    if (pixelFormat === "gray8") Object.assign(from, { colorSpace: UNSPECIFIED, colorPrimaries: UNSPECIFIED, colorTrc: UNSPECIFIED });
    to.colorSpace = pixelFormat === "yuv420p" || pixelFormat === "gray8" ? from.colorSpace : RGB;
    to.colorRange = pixelFormat === "yuv420p" ? LIMITED : FULL;
    to.colorPrimaries = from.colorPrimaries;
    to.colorTrc = from.colorTrc;
  }

  async #copy(from: Canvas): Promise<Buffer> {
    const { width, height, pixelFormat } = this.output;
    const into = this.pool.take(frameBytes(pixelFormat, width, height));
    const copier = (this.#copier ??= this.#newCopier());
    const { planes, strides } = planesOf(into, this.output);
    this.#check(await this.#calls.make(() => copier.scale(from.planes, from.strides, 0, height, planes, strides)), "copy");
    return into;
  }

  #newCopier(): AvScaler {
    const { width, height, pixelFormat } = this.output;
    const copier = new this.av.SoftwareScaleContext();
    copier.getContext(width, height, AV_FORMATS[pixelFormat], width, height, AV_FORMATS[pixelFormat], 0);
    return copier;
  }

  #check(code: number, what: string): void {
    if (code < 0) throw failed(`cannot ${what} a picture: ${this.av.FFmpegError.strerror(code)}`);
  }
}

/** Where the planes of {@link Frame.data} lie in it. */
function planesOf(data: Buffer, { pixelFormat, width, height }: DecoderOutput): { planes: Buffer[]; strides: number[] } {
  if (pixelFormat !== "yuv420p") return { planes: [data], strides: [pixelFormat === "gray8" ? width : 3 * width] };
  const [luma, side] = [width * height, Math.ceil(width / 2)];
  const chroma = side * Math.ceil(height / 2);
  return { planes: [data.subarray(0, luma), data.subarray(luma, luma + chroma), data.subarray(luma + chroma)], strides: [width, side, side] };
}
