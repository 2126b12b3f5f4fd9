import * as hls from "hls-parser";
import { HLSStreamError } from "../core/errors.js";
import type { FragmentRef } from "../core/fragment.js";
import type { SessionUrl } from "../core/session-url.js";

// Lenient, because the service itself is (EXT-X-MAP under version 1); silent, because it would print to the console.
hls.setOptions({ strictMode: false, silent: true });

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

/**
 * The URL of the video's media playlist. The service lists one variant, the video; a sound track of its own is not asked for,
 * since its bytes are billed and its requests count.
 * @throws HLSStreamError MALFORMED_PLAYLIST
 */
export function readMasterPlaylist(text: string, url: SessionUrl): SessionUrl {
  const playlist = parse(text);
  const variant = playlist.isMasterPlaylist ? (playlist as hls.types.MasterPlaylist).variants[0] : undefined;
  if (!variant?.uri) throw malformed("the master playlist lists no video");
  return url.resolve(variant.uri);
}

/** @throws HLSStreamError MALFORMED_PLAYLIST */
export function readMediaPlaylist(text: string, url: SessionUrl): MediaPlaylist {
  const playlist = parse(text);
  if (playlist.isMasterPlaylist) throw malformed("a master playlist came where a media playlist was asked for");
  const { segments, endlist } = playlist as hls.types.MediaPlaylist;
  // A discontinuity after the last fragment is read as an empty segment.
  const listed = segments.filter(({ uri }) => uri !== "");
  return { fragments: listed.map((segment) => readFragment(segment, url)), isEnded: endlist };
}

function readFragment(segment: hls.types.Segment, url: SessionUrl): ListedFragment {
  const startMs = segment.programDateTime?.getTime() ?? Number.NaN;
  if (!Number.isFinite(startMs)) throw malformed("a fragment has no valid EXT-X-PROGRAM-DATE-TIME");
  if (!segment.map?.uri) throw malformed("a fragment has no EXT-X-MAP");
  if (!Number.isFinite(segment.duration) || segment.duration < 0) throw malformed("a fragment has no valid EXTINF");
  const fragmentUrl = url.resolve(segment.uri);
  return {
    number: fragmentUrl.parameter("FragmentNumber") ?? String(startMs),
    startMs,
    durationMs: segment.duration * 1000,
    url: fragmentUrl,
    initUrl: url.resolve(segment.map.uri),
  };
}

function parse(text: string): hls.types.Playlist {
  if (!/^#EXTM3U\s/.test(text)) throw malformed("it does not begin with #EXTM3U");
  try {
    return hls.parse(text);
  } catch (cause) {
    throw malformed("its tags make no sense", cause);
  }
}

const malformed = (why: string, cause?: unknown): HLSStreamError =>
  new HLSStreamError(`cannot read a playlist: ${why}`, { code: "MALFORMED_PLAYLIST", retryable: true, cause });
