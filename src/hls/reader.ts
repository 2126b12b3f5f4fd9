import pRetry from "p-retry";
import { HLSStreamError } from "../core/errors.js";
import type { SessionUrl } from "../core/session-url.js";
import { readBeginning, type BeginningOf, type FragmentDownload } from "./beginning.js";
import type { Download, Downloader, Resource, Stretch } from "./download.js";
import { Pace } from "./pace.js";
import { readMasterPlaylist, readMediaPlaylist, readWholePlaylist, type ListedFragment, type MasterPlaylist, type MediaPlaylist } from "./playlist.js";

/** What sessions serve, and how many requests a second the service allows of each. */
const KINDS = {
  master: { what: "the master playlist", maxBytes: 4 * 2 ** 20, isLong: false, perSecond: 5 },
  playlist: { what: "the playlist", maxBytes: 4 * 2 ** 20, isLong: false, perSecond: 5 },
  init: { what: "the init segment", maxBytes: 2 ** 20, isLong: false, perSecond: 5 },
  /** The service takes no longer ones in. */
  fragment: { what: "a fragment", maxBytes: 50 * 2 ** 20, isLong: true, perSecond: 10 },
} as const satisfies Record<string, Resource & { perSecond: number }>;
type Kind = keyof typeof KINDS;

/** One request's retries: short, because a longer trouble is the connection's. */
const RETRIES = { retries: 3, minTimeout: 200, maxTimeout: 2000, factor: 2, randomize: true } as const;

/** Reads what the sessions of one stream serve. */
export class SessionReader {
  readonly #masters = new WeakMap<SessionUrl, MasterPlaylist>();
  readonly #paces = new WeakMap<SessionUrl["session"], Readonly<Record<Kind, Pace>>>();
  #init: { readonly url: string; readonly bytes: Buffer } | undefined;

  /** @param checkInit throws, retryable, what is wrong with an init segment that came */
  constructor(
    private readonly downloader: Downloader,
    private readonly checkInit: (bytes: Buffer) => void = () => undefined,
  ) {}

  /** Loaded once for each session. */
  async master(session: SessionUrl, signal: AbortSignal): Promise<MasterPlaylist> {
    const known = this.#masters.get(session);
    if (known !== undefined) return known;
    const master = await this.#get("master", session, signal, ({ body }) => readMasterPlaylist(body.toString("utf8"), session));
    this.#masters.set(session, master);
    return master;
  }

  async playlist(session: SessionUrl, signal: AbortSignal): Promise<MediaPlaylist> {
    const { video } = await this.master(session, signal);
    return this.#get("playlist", video, signal, ({ body }) => readMediaPlaylist(body.toString("utf8"), video));
  }

  /** As {@link playlist}, of a session over the past. Its list has an end: without one, the rest of it was lost on the way. */
  async wholePlaylist(session: SessionUrl, signal: AbortSignal): Promise<MediaPlaylist> {
    const { video } = await this.master(session, signal);
    return this.#get("playlist", video, signal, ({ body }) => readWholePlaylist(body.toString("utf8"), video));
  }

  /** @param beginning as much as is wanted of it, with its init segment at hand; default: all */
  fragment({ url }: ListedFragment, signal: AbortSignal, beginning?: BeginningOf): Promise<FragmentDownload> {
    const get = (stretch?: Stretch): Promise<Download> => this.#get("fragment", url, signal, (download) => download, stretch);
    return beginning === undefined ? get().then((download) => ({ ...download, received: download.body.length })) : readBeginning(beginning, get);
  }

  /** The init segment of a fragment: the same Buffer as before as long as the bytes are, whichever session served them. */
  async init({ initUrl }: ListedFragment, signal: AbortSignal): Promise<Buffer> {
    const url = initUrl.reveal().href;
    if (this.#init?.url === url) return this.#init.bytes;
    const body = await this.#get("init", initUrl, signal, (download) => {
      this.checkInit(download.body);
      return download.body;
    });
    const bytes = this.#init?.bytes.equals(body) ? this.#init.bytes : body;
    this.#init = { url, bytes };
    return bytes;
  }

  /** A fragment proved to be of no use: see {@link Downloader.recycle}. */
  discard({ body }: Pick<Download, "body">): void {
    this.downloader.recycle(body);
  }

  /** What came is read within the retries: a playlist or init segment that makes no sense may do so the next time. */
  #get<T>(kind: Kind, url: SessionUrl, signal: AbortSignal, read: (download: Download) => T, stretch?: Stretch): Promise<T> {
    const attempt = async (tries: number): Promise<T> => {
      await this.#pace(kind, url).turn(signal);
      // A server that makes nothing of stretches may refuse them.
      return read(await this.downloader.get(url, KINDS[kind], signal, stretch && { ...stretch, isAskedFor: stretch.isAskedFor && tries === 1 }));
    };
    return pRetry(attempt, {
      ...RETRIES,
      signal,
      shouldRetry: ({ error }) => error instanceof HLSStreamError && error.retryable && error.code !== "SESSION_EXPIRED",
    });
  }

  #pace(kind: Kind, { session }: SessionUrl): Pace {
    let paces = this.#paces.get(session);
    if (paces === undefined) {
      const paceOf = (of: Kind): Pace => new Pace(KINDS[of].perSecond);
      paces = { master: paceOf("master"), playlist: paceOf("playlist"), init: paceOf("init"), fragment: paceOf("fragment") };
      this.#paces.set(session, paces);
    }
    return paces[kind];
  }
}
