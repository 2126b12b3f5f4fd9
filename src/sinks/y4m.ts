import type { Frame } from "../core/frame.js";

/** Ratios of whole numbers stand for rates such as 29.97 and 1/60 closely enough. */
const MOST_DENOMINATOR = 3600;

/**
 * Returns the header of a YUV4MPEG2 stream: 4:2:0 with chroma samples at the left, in limited range, progressive.
 * @param fps frames a second; undefined: not told, since a camera's rate varies
 */
export function y4mHeader({ width, height }: Pick<Frame, "width" | "height">, fps?: number): Buffer {
  return Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps === undefined ? "0:0" : ratioOf(fps)} Ip A0:0 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=LIMITED\n`);
}

/** Returns a frame of yuv420p as it follows the header. */
export const y4mFrame = ({ data }: Pick<Frame, "data">): Buffer => Buffer.concat([FRAME, data]);

const FRAME = Buffer.from("FRAME\n");

function ratioOf(fps: number): string {
  for (let denominator = 1; denominator <= MOST_DENOMINATOR; denominator++) {
    const numerator = Math.round(fps * denominator);
    if (numerator > 0 && Math.abs(numerator / denominator - fps) < fps * 1e-9) return `${numerator}:${denominator}`;
  }
  return `${Math.round(fps * 1e6)}:1000000`;
}
