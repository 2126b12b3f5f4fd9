import { OptionError } from "../core/errors.js";
import type { Frame } from "../core/frame.js";

/** Pixels in the order that the image library reads: rgb or grey, interleaved. */
export interface PlainPixels {
  readonly data: Buffer;
  readonly channels: 1 | 3;
}

export function plainPixels({ data, pixelFormat }: Frame): PlainPixels {
  switch (pixelFormat) {
    case "rgb24":
      return { data, channels: 3 };
    case "gray8":
      return { data, channels: 1 };
    case "bgr24":
      return { data: swapRedAndBlue(data), channels: 3 };
    case "yuv420p":
      throw new OptionError(`pixelFormat must be one of rgb24, bgr24, gray8 to encode an image, got "${pixelFormat}"`, "pixelFormat");
  }
}

/** Into a copy: the frame may be in use elsewhere. A third of the time that the image library takes for it. */
function swapRedAndBlue(data: Buffer): Buffer {
  const swapped = Buffer.from(data);
  for (let red = 0, blue = 2; blue < data.length; red += 3, blue += 3) {
    swapped[red] = data[blue] ?? 0;
    swapped[blue] = data[red] ?? 0;
  }
  return swapped;
}
