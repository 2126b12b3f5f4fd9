import type { CameraSpec } from "./camera/spec.js";
import type { FaultInput } from "./faults/schema.js";
import type { JournalEntry } from "./http/journal.js";
import type { RequestHook } from "./http/override.js";

export const RANGES = ["ignored", "honoured"] as const;
export type Ranges = (typeof RANGES)[number];

/** What no document says of the service, either way. */
export interface Switches {
  /** Decode times in fragments count from the Unix epoch, or from the session's first fragment; in those of a folder, as they were saved. Default: absolute. */
  readonly tfdt: "absolute" | "session";
  /** A session's first EXT-X-MEDIA-SEQUENCE. Default: 0. */
  readonly mediaSequenceOrigin: 0 | 1;
  /** Default: application/x-mpegURL. */
  readonly playlistContentType: string;
  /** Status of every HLS route once the session is over. Default: 403. */
  readonly expiryStatus: 401 | 403;
  /** Status of an HLS request that comes too fast. Default: 400. */
  readonly throttleStatus: 400 | 429 | 503;
  /** What comes of a Range header on GetMP4MediaFragment: the whole fragment, or the range. Default: ignored. */
  readonly ranges: Ranges;
}

export const DEFAULT_SWITCHES: Switches = {
  tfdt: "absolute",
  mediaSequenceOrigin: 0,
  playlistContentType: "application/x-mpegURL",
  expiryStatus: 403,
  throttleStatus: 400,
  ranges: "ignored",
};

export const DEFAULT_FFMPEG = "ffmpeg";

export interface EmulatorOptions {
  /** Path of the ffmpeg executable, which cameras of folders need for GetImages only. Default: ffmpeg, as the system finds it. */
  readonly ffmpeg?: string | undefined;
  /** The environment, of which ffmpeg gets no more than it needs. Default: this process's, all of it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  readonly cameras: readonly CameraSpec[];
  /** Secrets by access key id; if given, signatures are verified. */
  readonly accessKeys?: Readonly<Record<string, string>> | undefined;
  /** Ends sessions earlier than they asked for. */
  readonly sessionSeconds?: number | undefined;
  /** Whether the service's rate limits hold. Default: true. */
  readonly limits?: boolean;
  /** Speed of the network link that all clients share, in Mbit/s; without it, bodies leave as fast as the system takes them. */
  readonly linkMbps?: number | undefined;
  readonly switches?: Partial<Switches>;
  /** Sees every request before it is answered, and may spoil the answer; if it does, no fault hits the request. */
  readonly onRequest?: RequestHook;
  /** What goes wrong, and when, counted from the start of the emulator; see docs/faults.md. */
  readonly faults?: readonly FaultInput[];
  /** Told of every request once nothing more is sent. */
  readonly onAnswered?: (entry: JournalEntry) => void;
  /** Ends the start, or closes the running emulator. */
  readonly signal?: AbortSignal;
}
