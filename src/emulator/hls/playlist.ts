import type { Media } from "../media/media.js";
import { fragmentBytes } from "../media/media.js";
import type { Astray, Session } from "./session.js";
import type { Segment } from "./window.js";

/** The master playlist: always one variant. What it estimates comes from the session's first fragment. */
export function masterPlaylist({ token, camera: { media }, first }: Session): string {
  const mediaPlaylist = (track: number) => `getHLSMediaPlaylist.m3u8?SessionToken=${token}&TrackNumber=${track}`;
  const audio = media.audio
    ? [`#EXT-X-MEDIA:AUTOSELECT=YES,FORCED=NO,TYPE=AUDIO,URI="${mediaPlaylist(2)}",GROUP-ID="audio",DEFAULT=NO,NAME="audio"`]
    : [];
  const variant = `#EXT-X-STREAM-INF:${streamInfo(media, first?.clipIndex ?? 0)}`;
  return lines("#EXTM3U", "#EXT-X-VERSION:1", ...audio, variant, mediaPlaylist(1));
}

function streamInfo(media: Media, clipIndex: number): string {
  const { clip, tracks, audio } = media;
  const fragment = clip.fragments[clipIndex];
  const video = tracks[fragment?.part ?? 0];
  if (fragment === undefined || video === undefined) throw new RangeError(`no fragment ${clipIndex} in the clip`);
  const seconds = (fragment.end - fragment.start) / clip.timescale;
  const isRateTold = seconds > 0 && fragment.pictures.length > 0;
  const codecs = audio ? [video.codec, audio.track.codec] : [video.codec];
  return [
    `CODECS="${codecs.join(",")}"`,
    ...(video.width > 0 && video.height > 0 ? [`RESOLUTION=${video.width}x${video.height}`] : []),
    ...(isRateTold ? [`FRAME-RATE=${decimals(fragment.pictures.length / seconds, 2)}`] : []),
    `BANDWIDTH=${Math.round((fragmentBytes(media, clipIndex) * 8) / (seconds || 1))}`,
    ...(audio ? ['AUDIO="audio"'] : []),
  ].join(",");
}

/** A track's media playlist. There is no EXT-X-DISCONTINUITY-SEQUENCE, because the service writes none. */
export function mediaPlaylist(session: Session, track: number, mediaSequenceOrigin: number, now: number, astray?: Astray): string {
  const segments = session.segments(now, astray);
  const isArchive = session.options.mode === "ON_DEMAND";
  const longest = Math.max(1, ...segments.map(({ fragment }) => Math.ceil(fragment.durationMs / 1000)));
  return lines(
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    ...(isArchive ? ["#EXT-X-PLAYLIST-TYPE:VOD"] : []),
    `#EXT-X-TARGETDURATION:${longest}`,
    `#EXT-X-MEDIA-SEQUENCE:${mediaSequenceOrigin + session.removed}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...segments.flatMap((segment, i) => [...segmentLines(session, track, segment, segments[i - 1])]),
    ...(isArchive ? ["#EXT-X-ENDLIST"] : []),
  );
}

function* segmentLines({ token, options }: Session, track: number, segment: Segment, last: Segment | undefined): Generator<string> {
  const { fragment, initSequence } = segment;
  if (segment.isDiscontinuous) yield "#EXT-X-DISCONTINUITY";
  if (last?.initSequence !== initSequence) {
    yield `#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=${token}&TrackNumber=${track}&SequenceNumber=${initSequence}"`;
  }
  if (options.showTimestamps) yield `#EXT-X-PROGRAM-DATE-TIME:${new Date(fragment.startMs[options.range.clock]).toISOString()}`;
  yield `#EXTINF:${decimals(fragment.durationMs / 1000, 3)},`;
  yield `getMP4MediaFragment.mp4?FragmentNumber=${fragment.number}&SessionToken=${token}&TrackNumber=${track}`;
}

/** As the service prints numbers: trailing zeros cut, but one decimal at least. */
function decimals(value: number, digits: number): string {
  return value.toFixed(digits).replace(/(\.\d+?)0+$/, "$1");
}

const lines = (...text: string[]): string => `${text.join("\n")}\n`;
