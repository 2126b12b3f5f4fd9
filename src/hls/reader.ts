import pRetry from "p-retry";
import { HLSStreamError } from "../core/errors.js";
import type { SessionUrl } from "../core/session-url.js";
import type { Download, Downloader, Resource } from "./download.js";
import { readMasterPlaylist, readMediaPlaylist, type ListedFragment, type MediaPlaylist } from "./playlist.js";

const PLAYLIST: Resource = { what: "the playlist", maxBytes: 8 * 2 ** 20 };
const INIT_SEGMENT: Resource = { what: "the init segment", maxBytes: 2 ** 20 };
const FRAGMENT: Resource = { what: "a fragment", maxBytes: 256 * 2 ** 20 };

/** One request's retries: short, because a longer trouble is the connection's. */
const RETRIES = { retries: 3, minTimeout: 200, maxTimeout: 2000, factor: 2, randomize: true } as const;

/** Reads what the sessions of one stream serve. */
export class SessionReader {
  readonly #mediaPlaylists = new WeakMap<SessionUrl, SessionUrl>();
  #init: { readonly url: string; readonly bytes: Buffer } | undefined;

  constructor(private readonly downloader: Downloader) {}

  async playlist(session: SessionUrl, signal: AbortSignal): Promise<MediaPlaylist> {
    let url = this.#mediaPlaylists.get(session);
    if (url === undefined) {
      url = readMasterPlaylist(await this.#text(session, signal), session);
      this.#mediaPlaylists.set(session, url);
    }
    return readMediaPlaylist(await this.#text(url, signal), url);
  }

  fragment({ url }: ListedFragment, signal: AbortSignal): Promise<Download> {
    return this.#get(url, FRAGMENT, signal);
  }

  /** The init segment of a fragment: the same Buffer as before as long as the bytes are, whichever session served them. */
  async init({ initUrl }: ListedFragment, signal: AbortSignal): Promise<Buffer> {
    const url = initUrl.reveal().href;
    if (this.#init?.url === url) return this.#init.bytes;
    const { body } = await this.#get(initUrl, INIT_SEGMENT, signal);
    const bytes = this.#init?.bytes.equals(body) ? this.#init.bytes : body;
    this.#init = { url, bytes };
    return bytes;
  }

  async #text(url: SessionUrl, signal: AbortSignal): Promise<string> {
    const { body } = await this.#get(url, PLAYLIST, signal);
    return body.toString("utf8");
  }

  #get(url: SessionUrl, resource: Resource, signal: AbortSignal): Promise<Download> {
    return pRetry(() => this.downloader.get(url, resource, signal), {
      ...RETRIES,
      signal,
      shouldRetry: ({ error }) => error instanceof HLSStreamError && error.retryable && error.code !== "SESSION_EXPIRED",
    });
  }
}
