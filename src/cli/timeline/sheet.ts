import type { SourceOptions } from "../../core/options.js";
import { replaceFile } from "../../sinks/atomic-file.js";
import { outputError } from "../../sinks/output-error.js";
import { stills } from "../../source/timeline/stills.js";
import type { StoredTimeline } from "../../source/timeline/stored-timeline.js";
import { cellsOf } from "./cells.js";
import { sheetImage, type Picture } from "./sheet-image.js";
import { PICTURE } from "./sheet-layout.js";
import { totalsOf } from "./totals.js";

export interface SheetOptions {
  readonly path: string;
  readonly columns: number;
  readonly rows: number;
  readonly source: SourceOptions;
  readonly signal: AbortSignal;
  readonly onProgress: (pictures: number, of: number) => void;
  /** Pictures that are stored and could not be fetched or decoded. */
  readonly onUnread: (pictures: number, of: number) => void;
}

/**
 * Writes a contact sheet: a picture for each of equal parts of the range. The file is there whole, or as it was.
 * @returns the capture time of each picture, Unix epoch milliseconds; undefined where there is none
 * @throws FrameSourceError, or the signal's reason
 */
export async function writeSheet(timeline: StoredTimeline, { path, columns, rows, source, signal, onProgress, onUnread }: SheetOptions): Promise<readonly (number | undefined)[]> {
  const cells = cellsOf(timeline, columns * rows);
  const wanted = cells.flatMap((cell) => cell.wanted ?? []);
  const pictures = cells.map((): Picture | undefined => undefined);
  const capturedAt = cells.map((): number | undefined => undefined);
  let done = 0;
  onProgress(done, wanted.length);
  for await (const { wanted: { atMs, fragment }, ...still } of stills(wanted, { source, stored: timeline.fragments, box: PICTURE, signal })) {
    const cell = cells.findIndex((each) => each.wanted?.fragment === fragment && each.wanted.atMs === atMs);
    pictures[cell] = still;
    capturedAt[cell] = still.capturedAt;
    onProgress(++done, wanted.length);
  }
  if (done < wanted.length) onUnread(wanted.length - done, wanted.length);
  const { range, stretches } = timeline;
  const image = await sheetImage({ camera: source.cameraId, range, stretches, share: totalsOf(timeline).share, columns, rows, cells, capturedAt }, pictures);
  try {
    await replaceFile(path, image);
  } catch (error) {
    throw outputError(path, error, "--sheet");
  }
  return capturedAt;
}
