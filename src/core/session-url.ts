import { HLSStreamError, KVSConnectionError } from "./errors.js";

/** Where all that belongs to one session lies; the object itself stands for the session. */
export interface SessionPlace {
  readonly origin: string;
  /** "/hls/v1/" */
  readonly directory: string;
}

/** Longer names are not repeated in full: a log line is for people. */
const NAME_LENGTH_SHOWN = 100;

/**
 * A URL of an HLS session. Its token is a credential, so it cannot be printed by accident: as text, as JSON and in
 * `console.log` only its host and path appear. `reveal` is for the one place that makes the request.
 */
export class SessionUrl {
  readonly #url: URL;
  /** The same object for all URLs of one session. */
  readonly session: SessionPlace;

  /**
   * @param address of the session; one that was resolved is known to be the session's own
   * @throws KVSConnectionError SERVICE_ERROR when it is no absolute URL, HLSStreamError FOREIGN_ORIGIN when it is none of a
   * web server (no message repeats it)
   */
  constructor(address: string | { readonly resolved: URL; readonly session: SessionPlace }) {
    if (typeof address !== "string") {
      this.#url = address.resolved;
      this.session = address.session;
      return;
    }
    if (!URL.canParse(address)) throw new KVSConnectionError("cannot read the session's URL: the service gave something else", { code: "SERVICE_ERROR", retryable: true });
    const fault = faultOf(address);
    if (fault !== undefined) throw foreign(`the session's URL ${fault}`);
    this.#url = new URL(address);
    const { origin, pathname } = this.#url;
    this.session = { origin, directory: pathname.slice(0, pathname.lastIndexOf("/") + 1) };
  }

  get host(): string {
    return this.#url.host;
  }

  reveal(): URL {
    return new URL(this.#url);
  }

  /** One of the query's parameters that is no secret, such as FragmentNumber. */
  parameter(name: "FragmentNumber" | "TrackNumber" | "SequenceNumber"): string | undefined {
    const value = this.#url.searchParams.get(name);
    // A copy: a part of a string holds on to the whole of it, token and all, for as long as somebody remembers the number.
    return value === null ? undefined : Buffer.from(value).toString();
  }

  /**
   * The URL that a playlist at this URL refers to: with the session's server, in the session's directory.
   * @throws HLSStreamError FOREIGN_ORIGIN when it leads elsewhere, or MALFORMED_PLAYLIST when it leads nowhere
   */
  resolve(reference: string): SessionUrl {
    const { origin, directory } = this.session;
    if (!URL.canParse(reference, this.#url.href)) throw new HLSStreamError("a playlist holds a URL that makes no sense", { code: "MALFORMED_PLAYLIST", retryable: true });
    const resolved = new URL(reference, this.#url);
    const refused = (where: string): HLSStreamError => foreign(`a playlist of ${origin} leads ${where}`);
    if (!isWeb(resolved.protocol)) throw refused(`to a ${shown(resolved.protocol)} address: refused, wanted one of the session's server`);
    if (resolved.origin !== origin) throw refused(`to ${shown(resolved.origin)}: refused, a session has one server`);
    if (resolved.username !== "" || resolved.password !== "") throw refused("to an address with a user name: refused, a session's token is all it needs");
    // An escaped dot or slash would be a way out that only the server sees; no name of the service holds any escape.
    const isInside = resolved.pathname.startsWith(directory) && !resolved.pathname.includes("%", directory.length);
    if (!isInside) throw refused(`out of ${directory}: refused, all of a session lies there`);
    return new SessionUrl({ resolved, session: this.session });
  }

  toString(): string {
    return `${this.#url.origin}${this.#url.pathname}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `SessionUrl ${this.toString()}`;
  }
}

/**
 * What keeps a text from being the address of a web server that anybody may ask, without repeating it: "is a ftp: address, …".
 * @returns undefined when nothing does
 */
export function faultOf(text: string): string | undefined {
  if (!URL.canParse(text)) return "is none, wanted one that begins with https:// or http://";
  const { protocol, username, password } = new URL(text);
  if (!isWeb(protocol)) return `is a ${shown(protocol)} address, wanted https: or http:`;
  return username === "" && password === "" ? undefined : "names a user, which none of the service's does";
}

const isWeb = (protocol: string): boolean => protocol === "https:" || protocol === "http:";
const shown = (name: string): string => (name.length > NAME_LENGTH_SHOWN ? `${name.slice(0, NAME_LENGTH_SHOWN)}…` : name);
const foreign = (message: string): HLSStreamError => new HLSStreamError(message, { code: "FOREIGN_ORIGIN" });
