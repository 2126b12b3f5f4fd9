/**
 * Speed counts only with all frames: ours must be complete.
 * @param results by contender, samples or a text; the first contender is ours
 * @param tolerance by so many a grid of times may differ at the ends of a range
 * @returns notes on others that gave more or fewer
 */
export function checkFrames(results, frames, framesOf, tolerance = 0) {
  const notes = new Set();
  for (const [at, [contender, samples]] of Object.entries(results).entries()) {
    if (typeof samples === "string") continue;
    const wrong = samples.map(framesOf).filter((count) => !(Math.abs(count - frames) <= tolerance));
    if (wrong.length === 0) continue;
    const text = `${contender} gave ${wrong.join(", ")} of ${frames} frames`;
    if (at === 0) throw new Error(text);
    notes.add(text);
  }
  return [...notes];
}

/** Of `ffmpeg -progress`, which says it again and again. */
export const progressFrames = ({ stdout }) => Number([...stdout.matchAll(/^frame=\s*(\d+)$/gm)].at(-1)?.[1] ?? 0);

/** ffmpeg's options to tell the number of frames at the end, on stdout. */
export const PROGRESS = ["-stats_period", "3600", "-progress", "pipe:1"];

/** ffmpeg's way to decode and do nothing else. */
export const nullDecode = (input) => ["-i", input, ...PROGRESS, "-f", "null", "-"];

/** Flags of `pull` for a range of the archive. */
export const rangeFlags = ({ startMs, endMs }) => ["--start", String(startMs), "--end", String(endMs)];

/** Why a row has its limits off. */
export const LIMITS_OFF = "the service's limits are off, for the peers: they do not keep them, and would lose fragments. kvs-frames keeps to ten fragments a second all the same";
