import * as hls from "hls-parser";
import type { FragmentRef } from "../core/fragment.js";
import type { SessionUrl } from "../core/session-url.js";
import { knownLines, malformed, MASTER, MEDIA, type LineRules } from "./playlist-lines.js";

// Lenient, because the service itself is (EXT-X-MAP under version 1); silent, because it would print to the console.
hls.setOptions({ strictMode: false, silent: true });

/** A clock that was never set begins at 1970; what lies beyond is no time of a camera. */
const TIMES = { from: Date.UTC(1970), to: Date.UTC(2101) } as const;
/** Seconds; the service takes twenty at most. */
const LONGEST = 3600;
/** As the service's model has it. */
const FRAGMENT_NUMBER = /^\d{1,128}$/;

export interface ListedFragment extends FragmentRef {
  readonly url: SessionUrl;
  readonly initUrl: SessionUrl;
}

export interface MediaPlaylist {
  /** Oldest first. */
  readonly fragments: readonly ListedFragment[];
  /** Nothing will be added (EXT-X-ENDLIST). */
  readonly isEnded: boolean;
}

export interface MasterPlaylist {
  /** Of the video's media playlist. */
  readonly video: SessionUrl;
  /** Of all tracks, as RFC 6381 has them: avc1.4d401f, mp4a.40.2. */
  readonly codecs: readonly string[];
}

/**
 * Where the video is. The service lists one variant, the video; a sound track of its own is not asked for,
 * since its bytes are billed and its requests count.
 * @throws HLSStreamError MALFORMED_PLAYLIST
 */
export function readMasterPlaylist(text: string, url: SessionUrl): MasterPlaylist {
  const playlist = parse(text, MASTER);
  const variant = playlist.isMasterPlaylist ? (playlist as hls.types.MasterPlaylist).variants[0] : undefined;
  if (!variant?.uri) throw malformed("the master playlist lists no video");
  return { video: url.resolve(variant.uri), codecs: variant.codecs?.split(",").map((codec) => codec.trim()) ?? [] };
}

/**
 * The fragments of a media playlist, each number once.
 * @throws HLSStreamError MALFORMED_PLAYLIST, FOREIGN_ORIGIN
 */
export function readMediaPlaylist(text: string, url: SessionUrl): MediaPlaylist {
  if (text.includes("#EXT-X-STREAM-INF")) throw malformed("a master playlist came where a media playlist was asked for");
  const { segments, endlist } = parse(text, MEDIA) as hls.types.MediaPlaylist;
  // A discontinuity after the last fragment is read as an empty segment.
  const resolve = resolver(url);
  const listed = segments.filter(({ uri }) => uri !== "").map((segment) => readFragment(segment, resolve));
  return { fragments: withoutRepeats(listed), isEnded: endlist };
}

/**
 * As {@link readMediaPlaylist}, of a playlist that ends. One without an end that is read as a whole would hide what was cut off.
 * @throws HLSStreamError MALFORMED_PLAYLIST without EXT-X-ENDLIST too
 */
export function readWholePlaylist(text: string, url: SessionUrl): MediaPlaylist {
  const playlist = readMediaPlaylist(text, url);
  if (!playlist.isEnded) throw malformed("the list of what is stored has no EXT-X-ENDLIST, so its end is missing");
  return playlist;
}

/** Of many fragments that mostly have one init segment, its URL is looked at once. */
function resolver(url: SessionUrl): (reference: string) => SessionUrl {
  const resolved = new Map<string, SessionUrl>();
  return (reference) => {
    const known = resolved.get(reference) ?? url.resolve(reference);
    resolved.set(reference, known);
    return known;
  };
}

function readFragment(segment: hls.types.Segment, resolve: (reference: string) => SessionUrl): ListedFragment {
  const startMs = segment.programDateTime?.getTime() ?? Number.NaN;
  if (!(startMs >= TIMES.from && startMs < TIMES.to)) throw malformed("a fragment has no EXT-X-PROGRAM-DATE-TIME, or none from 1970 to 2100");
  if (!segment.map?.uri) throw malformed("a fragment has no EXT-X-MAP");
  if (!(segment.duration >= 0 && segment.duration <= LONGEST)) throw malformed(`a fragment has no EXTINF, or none from 0 to ${LONGEST}`);
  const fragmentUrl = resolve(segment.uri);
  const number = fragmentUrl.parameter("FragmentNumber") ?? String(startMs);
  if (!FRAGMENT_NUMBER.test(number)) throw malformed("a fragment's number is none of 1 to 128 digits");
  return { number, startMs, durationMs: segment.duration * 1000, url: fragmentUrl, initUrl: resolve(segment.map.uri) };
}

function withoutRepeats(fragments: readonly ListedFragment[]): ListedFragment[] {
  const seen = new Set<bigint>();
  return fragments.filter(({ number }) => {
    const isRepeat = seen.has(BigInt(number));
    seen.add(BigInt(number));
    return !isRepeat;
  });
}

function parse(text: string, rules: LineRules): hls.types.Playlist {
  const lines = knownLines(text, rules);
  try {
    return hls.parse(lines);
  } catch (cause) {
    throw malformed("its tags make no sense", cause);
  }
}
