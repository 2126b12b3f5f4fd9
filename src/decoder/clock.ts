import type { Readable } from "node:stream";

/**
 * The presentation numbers that ffmpeg's `metadata=print` filter writes, one for each picture, in the order of the pictures.
 * Only the integer `pts` is read: `pts_time` has six digits.
 */
export async function* readPresentationNumbers(stream: Readable): AsyncGenerator<number, undefined> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(-LONGEST_LINE);
    for (const line of lines) {
      const pts = /^frame:\d+\s+pts:(\d+)\b/.exec(line)?.[1];
      if (pts !== undefined) yield Number(pts);
    }
  }
  return undefined;
}

const LONGEST_LINE = 1000;
