import type { PixelFormat } from "../core/frame.js";
import { MAX_PIXELS } from "../core/picture.js";

const FFMPEG_FORMATS: Readonly<Record<PixelFormat, string>> = { bgr24: "bgr24", rgb24: "rgb24", gray8: "gray", yuv420p: "yuv420p" };

export interface DecoderOutput {
  readonly pixelFormat: PixelFormat;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** How many pictures are decoded at a time, all but one of which come out later for it; 0: as ffmpeg sees fit. Default: 1. */
  readonly threads?: number;
}

/** The descriptor on which ffmpeg prints the presentation number of each picture that it writes. */
export const CLOCK_FD = 3;

/** Odd numbers are wanted (core/picture.ts). */
const WANTED = "select='mod(pts\\,2)'";

/**
 * ffmpeg's arguments: fragmented MP4 on stdin, wanted pictures as raw pixels on stdout, their numbers on CLOCK_FD.
 * Each of these was needed: without -copyts the numbers are shifted, without passthrough pictures are doubled or dropped to
 * a constant rate, with a longer probe or threads of the encoder pictures come out late; without -xerror damaged pictures come out
 * (docs/corruption.md, also on why not with -err_detect explode); without +unaligned pixels that a
 * parameter set crops on the left come out, and without -max_pixels a stream may be larger than its init segment
 * says.
 */
export function decoderArgs({ pixelFormat, width, height, threads = 1 }: DecoderOutput): string[] {
  return argsWith([
    WANTED,
    // Fixes the size, so that the pixels can be cut into pictures whatever the stream turns to.
    `scale=${width}:${height}`,
    `format=${FFMPEG_FORMATS[pixelFormat]}`,
    // `print` prints only what carries some metadata, hence `add`.
    "metadata=add:key=k:value=1",
    `metadata=print:file='pipe\\:${CLOCK_FD}':direct=1`,
  ], threads);
}

export interface StillOutput {
  readonly pixelFormat: PixelFormat;
  /** undefined: the picture's own. */
  readonly size: Omit<DecoderOutput, "pixelFormat"> | undefined;
  /** More than one is only for pictures that are presented as they are decoded: of others, damaged ones may come out. */
  readonly threads: number;
}

/** The same for a single picture, which needs no number; all others before it are decoded the faster the more threads do it. */
export function stillArgs({ pixelFormat, size, threads }: StillOutput): string[] {
  return argsWith([WANTED, size === undefined ? "scale" : `scale=${size.width}:${size.height}`, `format=${FFMPEG_FORMATS[pixelFormat]}`], threads);
}

function argsWith(filters: readonly string[], threads: number): string[] {
  return [
    ["-hide_banner", "-loglevel", "error", "-nostats", "-xerror"],
    ["-protocol_whitelist", "pipe", "-copyts", "-probesize", "32", "-analyzeduration", "0"],
    ["-ignore_editlist", "1", "-noautorotate", "-threads", String(threads), "-max_pixels", String(MAX_PIXELS), "-flags", "+unaligned", "-f", "mp4", "-i", "pipe:0"],
    ["-map", "0:v:0", "-vf", filters.join(",")],
    ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-threads", "1", "-f", "rawvideo", "-avioflags", "direct", "pipe:1"],
  ].flat();
}
