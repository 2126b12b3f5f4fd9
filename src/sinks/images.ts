import sharp, { type Exif, type Sharp } from "sharp";
import { OutputError } from "../core/errors.js";
import type { Frame } from "../core/frame.js";
import { isoTime } from "../core/time.js";
import { DEFAULT_QUALITY } from "./formats.js";
import { plainPixels } from "./pixels.js";

export interface ImageOptions {
  /** 1 to 100. */
  readonly quality?: number;
  /** Whether the file tells the capture time in EXIF, to the millisecond. */
  readonly exif?: boolean;
}

/**
 * A frame as JPEG, 4:2:0. Takes rgb24 (fastest), bgr24 and gray8.
 * Without optimised Huffman tables: a third less time for four per cent more bytes.
 */
export async function encodeJpeg(frame: Frame, { quality = DEFAULT_QUALITY, exif }: ImageOptions = {}): Promise<Buffer> {
  return finish(pictureOf(frame, exif).jpeg({ quality, chromaSubsampling: "4:2:0", optimiseCoding: false }), "jpeg");
}

export async function encodePng(frame: Frame, { exif }: ImageOptions = {}): Promise<Buffer> {
  return finish(pictureOf(frame, exif).png(), "png");
}

export async function encodeWebp(frame: Frame, { quality = DEFAULT_QUALITY, exif }: ImageOptions = {}): Promise<Buffer> {
  return finish(pictureOf(frame, exif).webp({ quality }), "webp");
}

function pictureOf(frame: Frame, exif = false): Sharp {
  const { data, channels } = plainPixels(frame);
  const picture = sharp(data, { raw: { width: frame.width, height: frame.height, channels } });
  if (exif) picture.withExif(captureTime(frame));
  return channels === 1 ? picture.toColourspace("b-w") : picture;
}

/** EXIF has the time of day, its fraction and its offset from UTC in tags of their own. */
function captureTime({ capturedAt }: Frame): Exif {
  const [date = "", time = "", fraction = ""] = isoTime(capturedAt).split(/[TZ.]/);
  return { IFD2: { DateTimeOriginal: `${date.replaceAll("-", ":")} ${time}`, SubSecTimeOriginal: fraction, OffsetTimeOriginal: "+00:00" } };
}

async function finish(picture: Sharp, format: string): Promise<Buffer> {
  try {
    return await picture.toBuffer();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OutputError(`cannot encode a frame as ${format}: ${reason}`, { code: "WRITE_FAILED", cause: error });
  }
}
