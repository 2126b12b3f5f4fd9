/** Layout of the bytes in {@link Frame.data}. */
export type PixelFormat = "bgr24" | "rgb24" | "gray8" | "yuv420p";
export const PIXEL_FORMATS: readonly PixelFormat[] = ["bgr24", "rgb24", "gray8", "yuv420p"];

/** Whose clock a capture time is on: the camera's own, or the service's at ingest. */
export type Clock = "producer" | "server";
export const CLOCKS: readonly Clock[] = ["producer", "server"];

/** One decoded picture and what is known of it. */
export interface Frame {
  /**
   * Pixels, rows from top to bottom without padding.
   * bgr24 and rgb24: height x width x 3 bytes; gray8: height x width bytes;
   * yuv420p: height x width luma bytes, then two planes of ceil(height / 2) x ceil(width / 2).
   */
  readonly data: Buffer;
  readonly pixelFormat: PixelFormat;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /**
   * When the camera took the picture: Unix epoch, whole milliseconds, on {@link Frame.clock}.
   * EXT-X-PROGRAM-DATE-TIME of the fragment plus the sample's presentation offset in it.
   */
  readonly capturedAt: number;
  readonly clock: Clock;
  /** When the fragment that holds the frame had arrived here: Unix epoch, milliseconds, this machine's clock. */
  readonly receivedAt: number;
  /** Fragment number: up to 128 decimal digits (47 in practice), so a string. */
  readonly fragment: string;
  /** Position in the fragment in order of presentation, from 0. (fragment, index) identifies a frame for good. */
  readonly index: number;
  readonly keyframe: boolean;
  /** Presentation time inside the fragment, milliseconds from its first picture, with fractions. */
  readonly pts: number;
}

/** Bytes that one picture of this layout takes. */
export function frameBytes(format: PixelFormat, width: number, height: number): number {
  switch (format) {
    case "bgr24":
    case "rgb24":
      return width * height * 3;
    case "gray8":
      return width * height;
    case "yuv420p":
      return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  }
}
