import type { ClipFragment } from "./clip.js";
import { sizeText } from "./encode.js";
import { runFfmpeg, type Ffmpeg } from "./ffmpeg.js";
import { writeFragment } from "./fragment.js";
import type { Media } from "./media.js";
import type { Size } from "./sources.js";

export interface ImageRequest {
  readonly fragment: ClipFragment;
  /** Which picture: the last that starts so long after the fragment, milliseconds. */
  readonly afterMs: number;
  readonly format: "JPEG" | "PNG";
  /** 1 to 100. */
  readonly quality: number;
  /** Pixels; one side alone keeps the shape. Default: as it is. */
  readonly size: Partial<Size>;
}

const TRACK = 1;
/** ffmpeg's scale of JPEG quality, best and worst. */
const [BEST, WORST] = [2, 31];

/** One picture of a clip as an image file; throws where ffmpeg cannot make it. */
export async function encodeImage(ffmpeg: Ffmpeg, { tracks, clip }: Media, { fragment, afterMs, format, quality, size }: ImageRequest): Promise<Buffer> {
  const { init } = tracks[fragment.part] ?? {};
  if (init === undefined) throw new Error(`expected ${tracks.length} parts at most, got one more`);
  const place = fragment.pictures.filter(({ pts }) => ((pts - fragment.start) * 1000) / clip.timescale <= afterMs).length - 1;
  const media = fragment.bytes ?? writeFragment({ trackId: TRACK, sequenceNumber: 1, baseMediaDecodeTime: 0 }, fragment.samples);
  const input = Buffer.concat([init, media]);
  const scale = size.width === undefined && size.height === undefined ? [] : [`scale=${sizeText({ width: -2, height: -2, ...size })}`.replace("x", ":")];
  const filters = [`select='eq(n,${Math.max(0, place)})'`, ...scale].join(",");
  const encoder = format === "PNG" ? ["-c:v", "png"] : ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", String(BEST + ((100 - quality) * (WORST - BEST)) / 99)];
  return runFfmpeg(ffmpeg, ["-i", "pipe:0", "-vf", filters, "-frames:v", "1", "-fps_mode", "passthrough", ...encoder, "-f", "image2pipe"], input);
}
