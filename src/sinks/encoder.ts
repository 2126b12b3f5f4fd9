import type { Frame } from "../core/frame.js";
import type { ImageFormat } from "./formats.js";
import type { ImageOptions } from "./images.js";

export type Encoder = (frame: Frame) => Promise<Uint8Array>;

/** The image library is loaded only for the formats that need it: it costs more than the rest of the start-up. */
export async function createEncoder(format: ImageFormat, options: ImageOptions = {}): Promise<Encoder> {
  if (format === "raw") return (frame) => Promise.resolve(frame.data);
  const { encodeJpeg, encodePng, encodeWebp } = await import("./images.js");
  const encode = { jpeg: encodeJpeg, png: encodePng, webp: encodeWebp }[format];
  return (frame) => encode(frame, options);
}
