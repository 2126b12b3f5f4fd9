import { resolveOptions, type SourceOptions } from "../../core/options.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { readTimeline, type StoredTimeline } from "../../source/timeline/stored-timeline.js";
import type { CommandContext, OutputStream } from "../context.js";
import { charactersFor } from "./bar.js";
import type { TimelineFlags } from "./flags.js";
import { plural } from "./quantities.js";
import { timelineRecord, type WrittenSheet } from "./record.js";
import { report } from "./report.js";
import { Status } from "./status.js";

const DAY_MS = 86_400_000;

/** Tells what is stored between two times, on stdout; draws a sheet of it where that is asked for. */
export async function runTimeline(flags: TimelineFlags, { stdout, stderr, env, signal }: CommandContext): Promise<void> {
  const { source, range } = plan(flags);
  const status = new Status(stderr, flags.quiet === true);
  try {
    const minGapMs = flags.minGap * 1000;
    const timeline = await readTimeline({ source, range, minGapMs, signal, onProgress: (count, share) => status.tell(`${plural(count, "fragment")} listed${share > 0 ? `, ${Math.floor(share * 100)}% of the range` : ""}`) });
    const sheet = flags.sheet === undefined ? undefined : await drawSheet(flags.sheet, timeline, flags, { source, signal, status, stderr });
    status.clear();
    if (sheet && stderr.isTTY === true && !flags.quiet) stderr.write(`wrote ${sheet.path}, ${plural(sheet.columns * sheet.rows, "tile")}\n`);
    const style = { characters: charactersFor(env), isColored: stdout.isTTY === true && !env.NO_COLOR };
    const text = flags.json ? `${JSON.stringify(timelineRecord(timeline, source.cameraId, sheet))}\n` : report(timeline, source.cameraId, style);
    await new ByteStream(stdout, { name: "stdout", flag: "output" }).write(text);
  } finally {
    status.clear();
  }
}

interface Drawing {
  readonly source: SourceOptions;
  readonly signal: AbortSignal;
  readonly status: Status;
  readonly stderr: OutputStream;
}

async function drawSheet(path: string, timeline: StoredTimeline, { sheetColumns: columns, sheetRows: rows }: TimelineFlags, { source, signal, status, stderr }: Drawing): Promise<WrittenSheet> {
  const { writeSheet } = await import("./sheet.js"); // the image library is of no use to a report
  const onProgress = (pictures: number, of: number): void => status.tell(`${pictures} of ${plural(of, "picture")} for ${path}; of a long range, one a second`);
  const onUnread = (pictures: number, of: number): void => {
    status.clear();
    stderr.write(`kvs-frames: ${pictures} of ${plural(of, "picture")} could not be read; their tiles say so\n`);
  };
  return { path, columns, rows, capturedAt: await writeSheet(timeline, { path, columns, rows, source, signal, onProgress, onUnread }) };
}

/** @throws OptionError */
function plan({ streamName, streamArn, region, profile, endpointUrl, cameraId, clock, ffmpeg, timeout, start, end }: TimelineFlags): { source: SourceOptions; range: { clock: SourceOptions["clock"]; fromMs: number; toMs: number } } {
  const toMs = end ?? Date.now();
  const fromMs = start ?? toMs - DAY_MS;
  const source = resolveOptions({ streamName, streamArn, region, profile, endpointUrl, cameraId, clock, ffmpegPath: ffmpeg, timeout, start: fromMs, end: toMs });
  return { source, range: { clock: source.clock, fromMs, toMs } };
}
