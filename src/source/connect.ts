import { HLSStreamError, type FrameSourceError } from "../core/errors.js";
import type { EventListener, SourceEvent } from "../core/events.js";
import type { StreamOptions } from "../core/options.js";
import { locateFfmpeg } from "../decoder/locate.js";
import type { AnyFfmpeg } from "../decoder/run.js";
import { Downloader } from "../hls/download.js";
import { SessionReader } from "../hls/reader.js";
import { readInitSegment } from "../media/init.js";
import { KvsApi } from "../session/api.js";
import { openConnections, type Connections } from "../session/connection.js";
import { ArchiveSessions } from "../session/archive-sessions.js";
import { FragmentIndex } from "../session/fragment-index.js";
import { LiveSessions } from "../session/live-sessions.js";
import { Openings } from "../session/openings.js";
import { environment } from "./environment.js";

/** What outlives a single connection. */
export interface Links {
  readonly ffmpeg: AnyFfmpeg;
  readonly connections: Connections;
  readonly sessions: LiveSessions;
  readonly archive: ArchiveSessions;
  readonly index: FragmentIndex;
  readonly reader: SessionReader;
}

/** @throws HLSStreamError MALFORMED_MEDIA, retryable, since the trouble may have been on the way. What cannot be played is told where it is to be. */
function checkInit(bytes: Buffer): void {
  try {
    readInitSegment(bytes);
  } catch (error) {
    if (!(error instanceof HLSStreamError) || error.code !== "MALFORMED_MEDIA") return;
    throw new HLSStreamError(error.message, { code: error.code, retryable: true, cause: error });
  }
}

/** The same without what decodes. */
export type ServiceLinks = Omit<Links, "ffmpeg">;

/** Introduces the stages to each other. Nothing is asked of the service yet. */
export async function connect(options: StreamOptions, emit: EventListener, signal: AbortSignal, locate = locateFfmpegAlone): Promise<Links> {
  const [ffmpeg, links] = await Promise.all([locate(options.ffmpegPath, signal), connectService(options, emit)]);
  return { ffmpeg, ...links };
}

const locateFfmpegAlone = (given: string | undefined, signal: AbortSignal): Promise<AnyFfmpeg> => locateFfmpeg(given, environment(), signal);

export async function connectService(options: StreamOptions, emit: EventListener, onFailedOpening?: (error: FrameSourceError) => void): Promise<ServiceLinks> {
  const timeoutMs = options.timeout * 1000;
  const connections = await openConnections(environment(), timeoutMs);
  const api = new KvsApi({ ...options, timeoutMs, connections });
  const openings = new Openings(api, onFailedOpening);
  const ofAll = {
    clock: options.clock,
    sessionSeconds: options.hlsSessionSeconds,
    onSession: (session: Omit<Extract<SourceEvent, { type: "session" }>, "type" | "clock">) => emit({ type: "session", clock: options.clock, ...session }),
  };
  const sessions = new LiveSessions({ ...ofAll, openings, refreshMarginMs: options.urlRefreshMargin * 1000 });
  const archive = new ArchiveSessions({ ...ofAll, openings, api });
  return { connections, sessions, archive, index: new FragmentIndex(api), reader: new SessionReader(new Downloader(connections, timeoutMs), checkInit) };
}
