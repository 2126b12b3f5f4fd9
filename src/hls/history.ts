import { Archive, type ArchiveOptions, type ArchiveSupply, type TimeRange } from "./archive.js";
import { Cursor, type CursorOptions } from "./cursor.js";
import type { FetchedFragment } from "./fetcher.js";
import { fragmentAt, positionAt, type Position } from "./selection.js";

export interface HistoryOptions extends CursorOptions, ArchiveOptions {
  readonly archive: ArchiveSupply;
}

/** Playlists give whole milliseconds, and a position from elsewhere may be rounded. */
const ROUNDING_MS = 5;

/** Reads what is stored between two times, each fragment once, in the order of ingest: also the one that the first falls into. */
export class History {
  readonly #archive: Archive;
  readonly #cursor: Cursor;

  /** @param range from when to before when, by the clock of the sessions: Unix epoch, milliseconds */
  constructor(
    private readonly range: TimeRange,
    private readonly options: HistoryOptions,
  ) {
    this.#archive = new Archive(options.archive, options);
    this.#cursor = new Cursor({ ...options, position: options.position ?? positionAt(range.fromMs) });
  }

  /** How far it has come. */
  get position(): Position | undefined {
    return this.#cursor.position;
  }

  /** @throws KVSConnectionError, HLSStreamError, or the signal's reason */
  async *fragments(): AsyncGenerator<FetchedFragment> {
    const { options: { archive, signal }, range: { toMs } } = this;
    const cursor = this.#cursor;
    const fromMs = (cursor.position?.fragment.startMs ?? this.range.fromMs) - ROUNDING_MS;
    const keptSinceMs = await archive.keptSince(fromMs, signal);
    // Else the camera's clock is far off, or nothing is there to be asked for.
    if (keptSinceMs < toMs) cursor.keptSinceMs = keptSinceMs;
    yield* this.#archive.within({ fromMs: Math.max(fromMs, cursor.keptSinceMs), toMs: toMs - 1 }, cursor, fragmentAt(toMs));
  }

  /** Tells what is missing at the end of the range. */
  tellEnd(): void {
    this.#cursor.tellGaps(fragmentAt(this.range.toMs), "offline");
  }
}
