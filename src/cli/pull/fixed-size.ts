import { HLSStreamError } from "../../core/errors.js";
import type { SourceEvent } from "../../core/events.js";
import type { SourceOptions } from "../../core/options.js";
import { outputSize, type Size } from "../../source/size.js";

const inWords = ({ width, height }: Size): string => `${width}x${height}`;

/** Watches that frames keep their size, where a reader cannot tell: in a pipe of nothing but pixels. */
export class FixedSize {
  #size: Size | undefined;

  constructor(private readonly resize: SourceOptions["resize"]) {}

  /** Returns what to end the run with, when frames of another size are about to come. */
  observe(event: SourceEvent): HLSStreamError | undefined {
    if (event.type !== "decoder") return undefined;
    const size = outputSize(event, this.resize);
    const first = (this.#size ??= size);
    if (size.width === first.width && size.height === first.height) return undefined;
    const change = `the camera's frames changed from ${inWords(first)} to ${inWords(size)}, which a reader of plain pixels cannot tell`;
    return new HLSStreamError(`${change}; use --framed, which tells the size of each frame, or --resize ${inWords(first)}`, { code: "UNSUPPORTED_MEDIA" });
  }
}
