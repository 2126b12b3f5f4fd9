import type { Frame } from "../core/frame.js";
import type { FrameFormat } from "./formats.js";
import type { ImageOptions } from "./images.js";
import { y4mFrame, y4mHeader } from "./y4m.js";

export type Encoder = (frame: Frame) => Promise<Uint8Array>;

export interface EncoderOptions extends ImageOptions {
  /** Frames a second, where they are known: of y4m. */
  readonly fps?: number | undefined;
  /** Frames follow each other in one stream, so that a header is written once. */
  readonly isStream?: boolean;
}

/** The image library is loaded only for the formats that need it: it costs more than the rest of the start-up. */
export async function createEncoder(format: FrameFormat, options: EncoderOptions = {}): Promise<Encoder> {
  if (format === "raw") return (frame) => Promise.resolve(frame.data);
  if (format === "y4m") return createY4mEncoder(options);
  const [{ encodeJpeg, encodePng, encodeWebp }, { default: sharp }] = await Promise.all([import("./images.js"), import("sharp")]);
  // Frames come once: a cache of past operations would only hold memory.
  sharp.cache(false);
  const encode = { jpeg: encodeJpeg, png: encodePng, webp: encodeWebp }[format];
  return (frame) => encode(frame, options);
}

function createY4mEncoder({ fps, isStream = false }: EncoderOptions): Encoder {
  let isBegun = false;
  return (frame) => {
    const needsHeader = !(isStream && isBegun);
    isBegun = true;
    return Promise.resolve(needsHeader ? Buffer.concat([y4mHeader(frame, fps), y4mFrame(frame)]) : y4mFrame(frame));
  };
}
