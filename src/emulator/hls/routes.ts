import { invalid, noFragments, ServiceError } from "../errors.js";
import { reply, type Reply, type Request } from "../http/message.js";
import type { Switches } from "../options.js";
import { masterPlaylist, mediaPlaylist } from "./playlist.js";
import { writeSegment } from "./segment.js";
import type { Astray, Session } from "./session.js";

export const HLS_PATH = "/hls/v1/";

/** What an answer depends on besides session and query. */
interface Circumstances {
  readonly switches: Switches;
  readonly now: number;
  readonly astray: Astray | undefined;
}

type Route = (session: Session, query: URLSearchParams, circumstances: Circumstances) => Reply;

const ROUTES = {
  "getHLSMasterPlaylist.m3u8": { operation: "GetHLSMasterPlaylist", answer: master },
  "getHLSMediaPlaylist.m3u8": { operation: "GetHLSMediaPlaylist", answer: media },
  "getMP4InitFragment.mp4": { operation: "GetMP4InitFragment", answer: init },
  "getMP4MediaFragment.mp4": { operation: "GetMP4MediaFragment", answer: fragment },
} as const satisfies Record<string, { operation: string; answer: Route }>;

export type HlsRoute = (typeof ROUTES)[keyof typeof ROUTES];

/** The route a path names, in exactly this spelling. */
export function findRoute({ method, path }: Request): HlsRoute | undefined {
  const name = method === "GET" && path.startsWith(HLS_PATH) ? path.slice(HLS_PATH.length) : "";
  return Object.entries(ROUTES).find(([key]) => key === name)?.[1];
}

/** A token is the only credential; one that is unknown looks like one that has expired. */
export function checkSession(session: Session | undefined, status: number, now: number): Session {
  if (session?.isAlive(now)) return session;
  throw new ServiceError("NotAuthorizedException", "The streaming session token is expired or not valid.", status);
}

function master(session: Session, _query: URLSearchParams, { switches }: Circumstances): Reply {
  return reply(masterPlaylist(session), switches.playlistContentType);
}

function media(session: Session, query: URLSearchParams, { switches, now, astray }: Circumstances): Reply {
  const { mediaSequenceOrigin, playlistContentType } = switches;
  return reply(mediaPlaylist(session, trackNumber(session, query), mediaSequenceOrigin, now, astray), playlistContentType);
}

function init(session: Session, query: URLSearchParams): Reply {
  const { tracks, audio } = session.camera.media;
  const found = session.fragmentOfInit(Number(query.get("SequenceNumber") ?? 0));
  const track = trackNumber(session, query) === 2 ? audio?.track : tracks[found?.clip.part ?? -1];
  if (found === undefined || track === undefined) throw invalid("SequenceNumber is not one of this session's.");
  return reply(revised(track.init, found.initRevision), "video/mp4");
}

/** Other bytes that mean the same, where the camera is to have changed its init segment. */
function revised(init: Uint8Array, revision: number): Buffer {
  if (revision === 0) return Buffer.from(init);
  const free = Buffer.from("\0\0\0\x0cfree....", "latin1");
  free.writeUInt32BE(revision, 8);
  return Buffer.concat([init, free]);
}

function fragment(session: Session, query: URLSearchParams, { switches, now }: Circumstances): Reply {
  const { camera, first, options } = session;
  const found = camera.find(query.get("FragmentNumber") ?? "", now);
  if (found === undefined || first === undefined) throw noFragments();
  const base = switches.tfdt === "absolute" ? ({ epoch: true } as const) : ({ epoch: false, first } as const);
  const bytes = writeSegment(camera.media, trackNumber(session, query), found, options.range.clock, base);
  if (bytes === undefined) throw noFragments();
  return reply(bytes, "video/mp4");
}

function trackNumber({ camera }: Session, query: URLSearchParams): number {
  const track = query.get("TrackNumber");
  const tracks = camera.media.audio ? ["1", "2"] : ["1"];
  if (track === null || !tracks.includes(track)) throw invalid(`TrackNumber must be ${tracks.join(" or ")}, got ${track ?? "none"}.`);
  return Number(track);
}
