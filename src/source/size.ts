import type { StreamOptions } from "../core/options.js";

export interface Size {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** The size that pictures are delivered in; a side that is not asked for keeps the aspect ratio. */
export function outputSize(source: Size, resize: StreamOptions["resize"]): Size {
  const { width, height } = resize ?? {};
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) return { width, height: scaled(source.height, width / source.width) };
  if (height !== undefined) return { width: scaled(source.width, height / source.height), height };
  return { width: source.width, height: source.height };
}

const scaled = (side: number, factor: number): number => Math.max(1, Math.round(side * factor));
