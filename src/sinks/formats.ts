export const IMAGE_FORMATS = ["jpeg", "png", "webp", "raw"] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export const EXTENSIONS: Readonly<Record<ImageFormat, string>> = { jpeg: "jpg", png: "png", webp: "webp", raw: "raw" };

/** Of JPEG and WebP, 1 to 100. */
export const DEFAULT_QUALITY = 85;

/** File names sort by time; the sequence number tells frames of one millisecond apart. */
export const DEFAULT_TEMPLATE = "%Y%m%dT%H%M%S.%LZ_{seq}";
