import type { SourceEvent } from "../../core/events.js";

/** What sampling has saved: fragments that were read in part, and those that were not asked for at all. */
export class Savings {
  readonly #read = { fragments: 0, totalBytes: 0, bytes: 0, frames: 0, decoded: 0 };
  #skipped = 0;

  observe(event: SourceEvent): void {
    if (event.type === "skipped") this.#skipped += 1;
    if (event.type !== "fragment") return;
    const read = this.#read;
    read.fragments += 1;
    read.totalBytes += event.totalBytes;
    read.bytes += Math.min(event.bytes, event.totalBytes);
    read.frames += event.frames;
    read.decoded += event.decoded;
  }

  /** Of fragments that were not asked for neither size nor pictures are known: they count as the mean of those read. */
  get summary(): { readonly fragmentsSkipped: number; readonly bytesSaved: number; readonly decodesSaved: number } {
    const { fragments, totalBytes, bytes, frames, decoded } = this.#read;
    const ofSkipped = (sum: number): number => (fragments === 0 ? 0 : (this.#skipped * sum) / fragments);
    return {
      fragmentsSkipped: this.#skipped,
      bytesSaved: Math.round(totalBytes - bytes + ofSkipped(totalBytes)),
      decodesSaved: Math.round(frames - decoded + ofSkipped(frames)),
    };
  }
}
