import { TOKEN } from "./http-reading.js";

export const LONG_NUMBER = "91343852333180000000000000000000000000000000";
/** "2025-03-04T10:00:00.000Z" */
export const STREAM_START = Date.UTC(2025, 2, 4, 10);
export const FRAGMENT_MS = 2000;

/** The number of the fragment at that place in the stream, from 0. */
export const numberOf = (place: number): string => `${LONG_NUMBER}${100 + place}`;

export const master = (token = TOKEN): string => `#EXTM3U
#EXT-X-VERSION:1
#EXT-X-STREAM-INF:CODECS="avc1.4d401f",RESOLUTION=1280x720,FRAME-RATE=14.98,BANDWIDTH=1180422
getHLSMediaPlaylist.m3u8?SessionToken=${token}&TrackNumber=1
`;

export interface ListOptions {
  readonly token?: string;
  readonly isEnded?: boolean;
  /** SequenceNumber of the init segment. */
  readonly init?: number;
  readonly fragmentMs?: number;
}

/** A playlist of the fragments at those places in the stream. */
export function mediaList(places: readonly number[], { token = TOKEN, isEnded = false, init = 0, fragmentMs = FRAGMENT_MS }: ListOptions = {}): string {
  const head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", `#EXT-X-MEDIA-SEQUENCE:${places[0] ?? 0}`, "#EXT-X-INDEPENDENT-SEGMENTS"];
  const map = `#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=${token}&TrackNumber=1&SequenceNumber=${init}"`;
  const fragments = places.flatMap((place) => [
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(STREAM_START + place * fragmentMs).toISOString()}`,
    `#EXTINF:${fragmentMs / 1000},`,
    `getMP4MediaFragment.mp4?FragmentNumber=${numberOf(place)}&SessionToken=${token}&TrackNumber=1`,
  ]);
  return [...head, ...(places.length > 0 ? [map] : []), ...fragments, ...(isEnded ? ["#EXT-X-ENDLIST"] : []), ""].join("\n");
}
