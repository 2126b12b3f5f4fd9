import { describeVideo, type VideoDescription } from "../../media/description.js";
import { readInitSegment } from "../../media/init.js";
import { readSamples } from "../../media/samples.js";
import type { ListedFragment } from "../../hls/playlist.js";
import type { PictureFacts } from "./facts.js";
import type { Listing, ListingOptions } from "./listing.js";
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
  const measured = fetched.filter((fragment) => fragment !== undefined);
  return {
    video: read.video,
    pictures: measurePictures(measured, read.init, alike.length < fragments.length),
    bytes: measured.reduce((total, fragment) => total + fragment.bytes, 0),
  };
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
