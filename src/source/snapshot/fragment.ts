import { HLSStreamError } from "../../core/errors.js";
import type { ResolvedSnapshotOptions } from "../../core/options.js";
import type { FragmentDownload } from "../../hls/beginning.js";
import type { ListedFragment } from "../../hls/playlist.js";
import type { SessionReader } from "../../hls/reader.js";
import { readInitSegment, type InitSegment } from "../../media/init.js";
import { PictureReader, type CodedPicture, type ReadPictures } from "../../media/pictures.js";
import { readSampleTable, samplesIn, type Sample, type SampleEntry } from "../../media/samples.js";
import { faultIn } from "../read-fragment.js";
import { keysOf } from "../sampling/keys.js";

/** What is wanted of a fragment: its last picture in order of presentation, under conditions. */
export interface Wanted {
  readonly sampling: ResolvedSnapshotOptions["sampling"];
  /** Captured at or before then: Unix epoch, milliseconds. */
  readonly untilMs: number;
  /** Indexes of samples that hold no picture. */
  readonly exclude?: ReadonlySet<number>;
}

/** As much of a fragment as its picture needs. */
export interface ReadFragment extends ReadPictures {
  readonly init: InitSegment;
  /** Samples in all of it. */
  readonly frames: number;
  /** One of them; undefined when all are later. */
  readonly wanted: CodedPicture | undefined;
  readonly receivedAt: number;
  /** Received, and of all of it. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A sample table is less, and a small key picture fits in besides. */
const GUESS_BYTES = 16_384;

export const capturedAt = ({ startMs }: ListedFragment, { ptsMs }: Pick<Sample, "ptsMs">): number => Math.round(startMs + ptsMs);

/** Samples that hold no picture are told from others by their bytes alone: each may cost a download. */
const MOST_PASSED_OVER = 5;

/**
 * Reads a fragment as far as the picture that is wanted of it needs. One that is damaged is fetched once more, since the trouble may have
 * been on the way.
 * @throws HLSStreamError, MALFORMED_MEDIA among them, or the signal's reason
 */
export async function readFragment(fragment: ListedFragment, wanted: Wanted, reader: SessionReader, signal: AbortSignal): Promise<ReadFragment> {
  let current = wanted;
  let isAgain = false;
  for (let passedOver = 0; passedOver <= MOST_PASSED_OVER; ) {
    const [initBytes, download] = await fetched(fragment, current, reader, signal);
    try {
      const read = pictureIn(fragment, current, initBytes, download);
      if (!("unshownAlone" in read)) return read;
      current = { ...current, exclude: read.unshownAlone };
      passedOver += 1;
    } catch (error) {
      if (isAgain || !(error instanceof HLSStreamError) || error.code !== "MALFORMED_MEDIA") throw error;
      isAgain = true;
      reader.discard(download);
    }
  }
  throw new HLSStreamError("cannot read a fragment: its last samples hold no picture", { code: "MALFORMED_MEDIA" });
}

/** @returns the samples that hold no picture, when the one that would be wanted is among them */
function pictureIn(fragment: ListedFragment, wanted: Wanted, initBytes: Buffer, { body, total, received, receivedAt }: FragmentDownload): ReadFragment | { readonly unshownAlone: ReadonlySet<number> } {
  const init = readInitSegment(initBytes);
  const table = readSampleTable(body, init, total);
  if (table === undefined) throw new HLSStreamError(`cannot read a fragment: ${body.length} of its ${total} bytes do not hold its sample table`, { code: "MALFORMED_MEDIA" });
  const read = new PictureReader(init).read(samplesIn(table, body));
  const picked = wantedOf(table, fragment, wanted);
  if (picked && read.unshown.has(picked.index)) return { unshownAlone: read.unshown };
  const picture = picked && read.pictures.find(({ index }) => index === picked.index);
  const fault = faultIn({ table, faulty: read.faulty.filter(({ index }) => index === picked?.index) });
  if (fault !== undefined) throw fault;
  // Not to be taken for a fragment without such a picture: an older one would be given for it.
  if (picked && !picture) throw new HLSStreamError(`cannot read a fragment: its ${body.length} bytes do not hold the picture at ${picked.offset}`, { code: "MALFORMED_MEDIA" });
  return { init, frames: table.length, ...read, wanted: picture, receivedAt, bytes: received, totalBytes: total };
}

/** The last picture of all needs all before it, so that nothing is to be found out ahead. */
const needsAll = ({ sampling, untilMs }: Wanted): boolean => sampling === "exact" && untilMs === Infinity;

async function fetched(fragment: ListedFragment, wanted: Wanted, reader: SessionReader, signal: AbortSignal): Promise<[Buffer, FragmentDownload]> {
  if (needsAll(wanted)) return Promise.all([reader.init(fragment, signal), reader.fragment(fragment, signal)]);
  const initBytes = await reader.init(fragment, signal);
  const init = readInitSegment(initBytes);
  const bytesNeeded = (bytes: Buffer, total: number): number => {
    try {
      const table = readSampleTable(bytes, init, total);
      if (table === undefined) return Math.max(2 * bytes.length, GUESS_BYTES);
      const picture = wantedOf(table, fragment, wanted);
      // What a picture needs comes before it.
      return picture === undefined ? 0 : picture.offset + picture.size;
    } catch (error) {
      // What is wrong with it is told by whoever reads it, and for that all of it is needed.
      if (error instanceof HLSStreamError) return total;
      throw error;
    }
  };
  return [initBytes, await reader.fragment(fragment, signal, { guess: GUESS_BYTES, bytesNeeded })];
}

function wantedOf(table: readonly SampleEntry[], fragment: ListedFragment, { sampling, untilMs, exclude }: Wanted): SampleEntry | undefined {
  const shown = exclude === undefined ? table : table.filter(({ index }) => !exclude.has(index));
  const candidates = sampling === "keyframe" ? keysOf(shown) : shown;
  return candidates.filter((entry) => capturedAt(fragment, entry) <= untilMs).sort((a, b) => b.index - a.index)[0];
}
