import { describeVideo, type VideoDescription } from "../../media/description.js";
import { readInitSegment, type InitSegment } from "../../media/init.js";
import { PictureReader, type ReadPictures } from "../../media/pictures.js";
import { readSamples } from "../../media/samples.js";
import type { ListedFragment } from "../../hls/playlist.js";
import type { PictureFacts } from "./facts.js";
import type { Listing, ListingOptions } from "./listing.js";
import { measureOddities } from "./oddities.js";
import { measurePictures, type MeasuredFragment } from "./pictures.js";

export interface MediaFacts {
  readonly video: VideoDescription;
  readonly pictures: PictureFacts | null;
  /** Of media, without the init segment, which is not billed. */
  readonly bytes: number;
}

/** Enough to tell how regular a camera is, and no more than a few seconds' download. */
const MOST_FRAGMENTS = 5;
const MOST_FOOTAGE_MS = 30_000;

/** Fetches the newest fragments that share an init segment, and measures them. */
export async function measureMedia({ fragments }: Listing, { reader, calls, signal }: ListingOptions): Promise<MediaFacts | undefined> {
  const newest = fragments.at(-1);
  if (newest === undefined) return undefined;
  const read = await calls.time("GetMP4InitFragment", async () => {
    const bytes = await reader.init(newest, signal);
    return { video: describeVideo(bytes), init: readInitSegment(bytes) };
  });
  if (read === undefined) return undefined;
  const alike = fragments.filter(({ initUrl }) => initUrl.parameter("SequenceNumber") === newest.initUrl.parameter("SequenceNumber"));
  const fetched = await Promise.all(
    selected(alike).map((fragment) => calls.time("GetMP4MediaFragment", async (): Promise<MeasuredFragment> => {
      const { body } = await reader.fragment(fragment, signal);
      return { startMs: fragment.startMs, durationMs: fragment.durationMs, bytes: body.length, samples: readSamples(body, read.init) };
    })),
  );
  const measured = inOrder(fetched.filter((fragment) => fragment !== undefined), read.init);
  return {
    video: read.video,
    pictures: measurePictures(measured, { hasInitChange: alike.length < fragments.length, oddities: measureOddities(measured.map((each) => each.read), read.init) }),
    bytes: measured.reduce((total, fragment) => total + fragment.bytes, 0),
  };
}

interface ReadMeasured extends MeasuredFragment {
  readonly read: ReadPictures;
}

/** One after the other, since parameter sets may come in an earlier one. */
function inOrder(fragments: readonly MeasuredFragment[], init: InitSegment): ReadMeasured[] {
  const reader = new PictureReader(init);
  return fragments.map((fragment) => {
    const read = reader.read(fragment.samples);
    const samples = read.pictures.map(({ data, order, ptsMs, kind }) => ({ data, index: order, ptsMs, sync: kind.isRandomAccess }));
    return { ...fragment, samples, read };
  });
}

/** The newest ones, two at least. */
function selected(fragments: readonly ListedFragment[]): ListedFragment[] {
  const taken: ListedFragment[] = [];
  let footageMs = 0;
  for (const fragment of [...fragments].reverse().slice(0, MOST_FRAGMENTS)) {
    footageMs += fragment.durationMs;
    if (taken.length >= 2 && footageMs > MOST_FOOTAGE_MS) break;
    taken.unshift(fragment);
  }
  return taken;
}
