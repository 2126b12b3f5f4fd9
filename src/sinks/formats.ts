export const IMAGE_FORMATS = ["jpeg", "png", "webp", "raw"] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** Other words that people have for them. */
export const SHORT_FORMATS: ReadonlyMap<string, ImageFormat> = new Map([["jpg", "jpeg"]]);

/** What a run of frames is written as: also a stream of YUV4MPEG2. */
export const FRAME_FORMATS = [...IMAGE_FORMATS, "y4m"] as const;
export type FrameFormat = (typeof FRAME_FORMATS)[number];

export const EXTENSIONS: Readonly<Record<FrameFormat, string>> = { jpeg: "jpg", png: "png", webp: "webp", raw: "raw", y4m: "y4m" };

/**
 * Of JPEG and WebP, 1 to 100. 93 is the least at which the JPEG of a street full of detail stays 37 dB like the decoded picture
 * (85 gives 34 dB there, and 45 dB on a plain road), between ffmpeg's -q:v 2 and 3.
 */
export const DEFAULT_QUALITY = 93;

/**
 * A folder a day, in which file names sort by time. A name depends on the frame alone, so that a second run over the same range
 * writes the same files; the position in its fragment tells frames of one millisecond apart.
 */
export const DEFAULT_TEMPLATE = "%Y-%m-%d/%Y%m%dT%H%M%S.%LZ_{index}";
