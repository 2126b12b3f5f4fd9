import { HLSStreamError } from "./errors.js";

/**
 * A URL of an HLS session. Its token is a credential, so it cannot be printed by accident: as text, as JSON and in
 * `console.log` only its host and path appear. `reveal` is for the one place that makes the request.
 */
export class SessionUrl {
  readonly #url: URL;

  /** @throws TypeError when `text` is no absolute URL (the message does not repeat it). */
  constructor(text: string) {
    if (!URL.canParse(text)) throw new TypeError("cannot read the session's URL");
    this.#url = new URL(text);
  }

  get host(): string {
    return this.#url.host;
  }

  reveal(): URL {
    return new URL(this.#url);
  }

  /** One of the query's parameters that is no secret, such as FragmentNumber. */
  parameter(name: "FragmentNumber" | "TrackNumber" | "SequenceNumber"): string | undefined {
    return this.#url.searchParams.get(name) ?? undefined;
  }

  /**
   * The URL that a playlist at this URL refers to.
   * @throws HLSStreamError FOREIGN_ORIGIN when it leads to another server, or MALFORMED_PLAYLIST when it leads nowhere
   */
  resolve(reference: string): SessionUrl {
    if (!URL.canParse(reference, this.#url.href)) throw new HLSStreamError("a playlist holds a URL that makes no sense", { code: "MALFORMED_PLAYLIST", retryable: true });
    const resolved = new URL(reference, this.#url);
    if (resolved.origin !== this.#url.origin) {
      throw new HLSStreamError(`a playlist of ${this.#url.origin} leads to ${resolved.origin}: refused, a session has one server`, { code: "FOREIGN_ORIGIN" });
    }
    return new SessionUrl(resolved.href);
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
