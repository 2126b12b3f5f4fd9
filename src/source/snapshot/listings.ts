import type { SessionUrl } from "../../core/session-url.js";
import { isExpiry } from "../../hls/fetcher.js";
import type { ListedFragment, MediaPlaylist } from "../../hls/playlist.js";
import type { ServiceLinks } from "../connect.js";

/** What is done with the fragments of a list while its session lasts. */
export type Use<T> = (fragments: readonly ListedFragment[]) => Promise<T>;

/** Ten newer sessions on the stream end one at any time; more in a row, and something else is wrong. */
const MAX_SESSIONS = 3;

/** Lists of fragments, each with a session that serves them until they were used. */
export class Listings {
  constructor(
    private readonly links: ServiceLinks,
    private readonly signal: AbortSignal,
  ) {}

  /** What the stream lists live. */
  live<T>(use: Use<T>): Promise<T> {
    const { sessions } = this.links;
    const load = (session: SessionUrl) => this.links.reader.playlist(session, this.signal);
    return this.#inSession(() => sessions.acquire(this.signal), load, use, (session) => sessions.reportExpired(session));
  }

  /** What is stored and starts in a range, both ends included: Unix epoch, milliseconds. */
  async archived<T>({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, use: Use<T>): Promise<T> {
    const { archive } = this.links;
    // By its own clock the service refuses a range that begins before what it keeps.
    const keptSinceMs = archive.isInOrderOfTime ? await archive.keptSince(fromMs, this.signal) : -Infinity;
    const range = { fromMs: Math.max(fromMs, keptSinceMs), toMs };
    const load = (session: SessionUrl) => this.links.reader.wholePlaylist(session, this.signal);
    return range.fromMs >= toMs ? use([]) : this.#inSession(() => archive.open(range, this.signal), load, use);
  }

  async #inSession<T>(open: () => Promise<SessionUrl | undefined>, load: (session: SessionUrl) => Promise<MediaPlaylist>, use: Use<T>, onExpired?: (session: SessionUrl) => void): Promise<T> {
    for (let count = 1; ; count++) {
      const session = await open();
      if (session === undefined) return use([]);
      try {
        const { fragments } = await load(session);
        return await use(fragments);
      } catch (error) {
        if (!isExpiry(error) || count >= MAX_SESSIONS) throw error;
        onExpired?.(session);
      }
    }
  }
}
