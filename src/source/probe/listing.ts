import type { SessionUrl } from "../../core/session-url.js";
import { LONGEST_FRAGMENT_MS } from "../../core/fragment.js";
import type { StoredFragment } from "../../core/stored-fragment.js";
import type { ListedFragment } from "../../hls/playlist.js";
import type { SessionReader } from "../../hls/reader.js";
import type { KvsApi } from "../../session/api.js";
import { FragmentIndex } from "../../session/fragment-index.js";
import { hlsRequest } from "../../session/hls-request.js";
import { Openings } from "../../session/openings.js";
import type { Calls } from "./calls.js";
import type { SessionFacts } from "./facts.js";

export interface ListingOptions {
  readonly api: KvsApi;
  readonly reader: SessionReader;
  readonly calls: Calls;
  readonly signal: AbortSignal;
}

/** A session, and what it lists. */
export interface Listing {
  readonly session: SessionUrl;
  readonly mode: SessionFacts["mode"];
  readonly codecs: readonly string[];
  /** Oldest first. */
  readonly fragments: readonly ListedFragment[];
  /** When the list came: Unix epoch, milliseconds. */
  readonly at: number;
}

const SESSION_SECONDS = 300;
const FRAGMENTS_LISTED = 10;
const OPEN = "GetHLSStreamingSessionURL";

/** What is stored since a time, by the service's clock. */
export async function listStored({ api, calls, signal }: ListingOptions, fromMs: number): Promise<StoredFragment[] | undefined> {
  const canBeFound = await calls.time("GetDataEndpoint", async () => (await api.findEndpoint("LIST_FRAGMENTS", signal), true));
  if (!canBeFound) return undefined;
  return calls.time("ListFragments", () => new FragmentIndex(api).list({ clock: "server", fromMs: fromMs - LONGEST_FRAGMENT_MS, toMs: Date.now() }, signal));
}

/** The live list; of a camera that sends nothing, the end of what is stored. */
export async function listPlayable(options: ListingOptions, stored: Promise<StoredFragment[] | undefined>, windowMs: number): Promise<Listing | undefined> {
  const { api, calls, signal } = options;
  const canBeFound = await calls.time("GetDataEndpoint", async () => (await api.findEndpoint("GET_HLS_STREAMING_SESSION_URL", signal), true));
  if (!canBeFound) return undefined;
  const openings = new Openings(api);
  const request = hlsRequest("producer", SESSION_SECONDS);
  const live = { ...request, PlaybackMode: "LIVE" as const, MaxMediaPlaylistFragmentResults: FRAGMENTS_LISTED };
  const session = await calls.time(OPEN, () => openings.open(live, "the camera sent nothing in the last 30 s", signal));
  if (session !== undefined) return list(options, { session, mode: "live" });
  if (calls.error(OPEN)?.code !== "NO_MEDIA") return undefined;
  const newest = Math.max(...((await stored) ?? []).map(({ startMs: { producer } }) => producer));
  const [fromMs, toMs] = Number.isFinite(newest) ? [newest - LONGEST_FRAGMENT_MS, newest + 1] : [Date.now() - windowMs, Date.now()];
  const range = { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) };
  const archive = { ...request, PlaybackMode: "ON_DEMAND" as const, HLSFragmentSelector: { ...request.HLSFragmentSelector, TimestampRange: range } };
  const old = await calls.time(OPEN, () => openings.open(archive, "nothing is stored in that time", signal));
  return old && list(options, { session: old, mode: "archive" });
}

async function list({ reader, calls, signal }: ListingOptions, opened: Pick<Listing, "session" | "mode">): Promise<Listing | undefined> {
  const { session, mode } = opened;
  const master = await calls.time("GetHLSMasterPlaylist", () => reader.master(session, signal));
  const load = () => (mode === "live" ? reader.playlist(session, signal) : reader.wholePlaylist(session, signal));
  const playlist = master && (await calls.time("GetHLSMediaPlaylist", load));
  return playlist && { ...opened, codecs: master.codecs, fragments: playlist.fragments, at: Date.now() };
}
