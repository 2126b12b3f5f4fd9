import { resolveOptions, type SourceOptions } from "../../core/options.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { readTimeline } from "../../source/stored-timeline.js";
import type { CommandContext } from "../context.js";
import { charactersFor } from "./bar.js";
import type { TimelineFlags } from "./flags.js";
import { plural } from "./quantities.js";
import { timelineRecord } from "./record.js";
import { report } from "./report.js";
import { Status } from "./status.js";

const DAY_MS = 86_400_000;

/** Tells what is stored between two times, on stdout; draws a sheet of it where that is asked for. */
export async function runTimeline(flags: TimelineFlags, { stdout, stderr, env, signal }: CommandContext): Promise<void> {
  const { source, range } = plan(flags);
  const status = new Status(stderr, flags.quiet === true);
  try {
    const minGapMs = flags.minGap * 1000;
    const timeline = await readTimeline({ source, range, minGapMs, signal, onProgress: (count, share) => status.tell(`${plural(count, "fragment")} listed (${Math.floor(share * 100)}%)`) });
    if (flags.sheet !== undefined) {
      const { writeSheet } = await import("./sheet.js"); // the image library is of no use to a report
      const onProgress = (pictures: number, of: number): void => status.tell(`${pictures} of ${plural(of, "picture")} for ${flags.sheet}; long ranges take a second each`);
      await writeSheet(timeline, { path: flags.sheet, columns: flags.sheetColumns, rows: flags.sheetRows, source, signal, onProgress });
    }
    status.clear();
    const style = { characters: charactersFor(env), isColored: stdout.isTTY === true && !env.NO_COLOR };
    const text = flags.json ? `${JSON.stringify(timelineRecord(timeline, { camera: source.cameraId, sheet: flags.sheet }))}\n` : report(timeline, source.cameraId, style);
    await new ByteStream(stdout, { name: "stdout", flag: "output" }).write(text);
  } finally {
    status.clear();
  }
}

/** @throws OptionError */
function plan({ streamName, streamArn, region, profile, endpointUrl, cameraId, clock, ffmpeg, timeout, start, end }: TimelineFlags): { source: SourceOptions; range: { clock: SourceOptions["clock"]; fromMs: number; toMs: number } } {
  const toMs = end ?? Date.now();
  const fromMs = start ?? toMs - DAY_MS;
  const source = resolveOptions({ streamName, streamArn, region, profile, endpointUrl, cameraId, clock, ffmpegPath: ffmpeg, timeout, start: fromMs, end: toMs });
  return { source, range: { clock: source.clock, fromMs, toMs } };
}
