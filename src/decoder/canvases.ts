import { frameBytes } from "../core/frame.js";
import type { DecoderOutput } from "./args.js";
import { failed } from "./failed.js";
import type { FramePool } from "./frame-pool.js";
import { AV_FORMATS, type AvFrame, type NodeAv } from "./node-av.js";

/** More at a time are copied: whoever gives none back must not hold all memory of FFmpeg's. */
const LENT_AT_MOST = 6;

/** A picture of ours in FFmpeg's memory, and views of it: views made for each picture anew are garbage that costs more than copies. */
export interface Canvas {
  readonly frame: AvFrame;
  readonly planes: Buffer[];
  /** Bytes from one row to the next, of each plane. */
  readonly strides: number[];
}

/** A view must not outlive what it shows, whoever holds it. */
const shown = new WeakMap<ArrayBufferLike, AvFrame>();
const NONE = Buffer.alloc(0);
const ofPools = new WeakMap<FramePool, Canvases>();

/** Canvases that are lent as pictures, without a copy. Like a pool's buffers they serve one decoder after the other. */
export class Canvases {
  #free: { readonly canvas: Canvas; readonly key: string }[] = [];
  #lent = 0;

  static of(pool: FramePool): Canvases {
    const canvases = ofPools.get(pool) ?? new Canvases(pool);
    ofPools.set(pool, canvases);
    return canvases;
  }

  private constructor(private readonly pool: FramePool) {}

  /** @returns undefined when too many have not been given back */
  take(av: NodeAv, output: DecoderOutput): Canvas | undefined {
    const key = [output.pixelFormat, output.width, output.height].join(" ");
    this.#free = this.#free.filter((other) => other.key === key);
    const free = this.#free.pop();
    if (free === undefined && this.#lent >= LENT_AT_MOST) return undefined;
    const canvas = free?.canvas ?? newCanvas(av, output);
    this.#lent += 1;
    this.pool.lend(viewOf(canvas), () => {
      this.#lent -= 1;
      this.#free.push({ canvas, key });
    });
    return canvas;
  }
}

/** @throws DecoderError FFMPEG_FAILED */
export function newCanvas(av: NodeAv, { pixelFormat, width, height }: DecoderOutput): Canvas {
  const frame = new av.Frame();
  frame.alloc();
  Object.assign(frame, { format: AV_FORMATS[pixelFormat], width, height });
  const planes = frame.getBuffer(0) < 0 ? [] : (frame.data ?? []);
  if (planes.length === 0) throw failed(`has no memory for a picture of ${width}x${height} pixels`);
  for (const { buffer } of planes) shown.set(buffer, frame);
  return { frame, planes, strides: frame.linesize };
}

/** Of the first plane. */
export const viewOf = ({ planes: [view = NONE] }: Canvas): Buffer => view;

/** Whether the memory of a canvas is a picture as {@link Frame.data} has it: rows without padding, in one plane. */
export const isTight = ({ planes }: Canvas, { pixelFormat, width, height }: DecoderOutput): boolean =>
  planes.length === 1 && planes[0]?.length === frameBytes(pixelFormat, width, height);
