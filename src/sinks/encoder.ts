import type { Frame } from "../core/frame.js";
import type { ImageOptions } from "./images.js";

export const IMAGE_FORMATS = ["jpeg", "png", "webp", "raw"] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export const EXTENSIONS: Readonly<Record<ImageFormat, string>> = { jpeg: "jpg", png: "png", webp: "webp", raw: "raw" };

export type Encoder = (frame: Frame) => Promise<Uint8Array>;

/** The image library is loaded only for the formats that need it: it costs more than the rest of the start-up. */
export async function createEncoder(format: ImageFormat, options: ImageOptions = {}): Promise<Encoder> {
  if (format === "raw") return (frame) => Promise.resolve(frame.data);
  const { encodeJpeg, encodePng, encodeWebp } = await import("./images.js");
  const encode = { jpeg: encodeJpeg, png: encodePng, webp: encodeWebp }[format];
  return (frame) => encode(frame, options);
}
