import type { Camera } from "../camera/camera.js";
import type { Clock, Fragment } from "../camera/timeline.js";
import { invalid, ServiceError } from "../errors.js";
import type { Ffmpeg } from "../media/ffmpeg.js";
import { encodeImage, type ImageRequest } from "../media/image.js";
import type { Media } from "../media/media.js";
import type { GetImagesInput } from "./schemas.js";

/** What the service takes for a range. */
const LONGEST_RANGE_MS = 300_000;
const PAGE = 25;
/** Times of pictures are asked for in whole milliseconds. */
const HALF_MS = 0.5;
/** The network delays each fragment's time of ingest differently: what the service takes for continuous. */
const CONTINUOUS_MS = 50;

/**
 * One page of pictures, one for each point of time. As with the service, only fragments that start in the range count: where the
 * range begins inside of one, the first points have none.
 */
export async function getImages(camera: Camera, input: GetImagesInput, ffmpeg: Ffmpeg): Promise<object> {
  if (camera.description.retentionHours === 0) throw new ServiceError("NoDataRetentionException", "The stream has no data retention: DataRetentionInHours is 0.");
  checkSize(input);
  const places = placesOf(input);
  const clock: Clock = input.ImageSelectorType === "PRODUCER_TIMESTAMP" ? "producer" : "server";
  const fragments = [...camera.range({ clock, startMs: input.StartTimestamp, endMs: input.EndTimestamp })];
  const Images: object[] = [];
  // One after the other: each is an ffmpeg's work.
  for (const place of places.page) {
    const timeMs = input.StartTimestamp + place * input.SamplingInterval;
    Images.push({ TimeStamp: timeMs / 1000, ...(await imageAt(timeMs, { camera, clock, fragments, input, ffmpeg })) });
  }
  return { Images, ...(places.next !== undefined && { NextToken: Buffer.from(String(places.next)).toString("base64") }) };
}

/** Of the points of time on this page; the next page begins with `next`. */
function placesOf({ StartTimestamp, EndTimestamp, SamplingInterval, MaxResults = PAGE, NextToken }: GetImagesInput): { page: number[]; next: number | undefined } {
  if (EndTimestamp < StartTimestamp) throw invalid("EndTimestamp must not be before StartTimestamp.");
  if (EndTimestamp - StartTimestamp > LONGEST_RANGE_MS) throw invalid("EndTimestamp must be within 300 seconds of StartTimestamp.");
  const count = Math.floor((EndTimestamp - StartTimestamp) / SamplingInterval) + 1;
  const first = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64").toString());
  if (!(Number.isInteger(first) && first >= 0 && first < count)) throw invalid("The NextToken is not valid.");
  const next = Math.min(count, first + Math.min(MaxResults, PAGE));
  return { page: Array.from({ length: next - first }, (_, place) => first + place), next: next < count ? next : undefined };
}

/** The service's documents say so of a width alone; of a height alone they contradict themselves. */
function checkSize({ WidthPixels, HeightPixels }: GetImagesInput): void {
  if (WidthPixels !== undefined && HeightPixels === undefined) throw invalid("HeightPixels must be specified with WidthPixels.");
}

interface Search {
  readonly camera: Camera;
  readonly clock: Clock;
  readonly fragments: readonly Fragment[];
  readonly input: GetImagesInput;
  readonly ffmpeg: Ffmpeg;
}

async function imageAt(timeMs: number, { camera, clock, fragments, input, ffmpeg }: Search): Promise<object> {
  const fragment = fragments.filter(({ exactMs, durationMs }) => exactMs[clock] <= timeMs + HALF_MS && timeMs < exactMs[clock] + durationMs + CONTINUOUS_MS).at(-1);
  if (fragment === undefined) return { Error: "NO_MEDIA" };
  const { Format: format, FormatConfig, WidthPixels: width, HeightPixels: height } = input;
  const size = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
  const afterMs = timeMs + HALF_MS - fragment.exactMs[clock];
  const request: ImageRequest = { fragment: fragment.clip, afterMs, format, quality: Number(FormatConfig.JPEGQuality), size };
  const image = await (fragment.clip.bytes ? imageOrNone(ffmpeg, camera.media, request) : encodeImage(ffmpeg, camera.media, request));
  return image.length === 0 ? { Error: "MEDIA_ERROR" } : { ImageContent: image.toString("base64") };
}

/** Of a fragment that is served as it is: it may hold no picture that can be decoded, or be all there is without an ffmpeg. */
async function imageOrNone(ffmpeg: Ffmpeg, media: Media, request: ImageRequest): Promise<Buffer> {
  if (request.fragment.pictures.length === 0) return Buffer.alloc(0);
  return encodeImage(ffmpeg, media, request).catch(() => {
    ffmpeg.signal?.throwIfAborted();
    return Buffer.alloc(0);
  });
}
