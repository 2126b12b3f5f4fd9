import http from "node:http";
import https from "node:https";
import { HLSStreamError, type ErrorCode } from "../core/errors.js";
import type { SessionUrl } from "../core/session-url.js";
import { readBody } from "./body.js";
import { Deadline } from "./deadline.js";
import { BodyMemory } from "./memory.js";

/** Connections to use: shared with the API calls, so that proxies and certificates are the same for both. */
export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export interface Resource {
  /** "the playlist": for error messages. */
  readonly what: string;
  readonly maxBytes: number;
  /** May take longer than the timeout, as long as it keeps coming. */
  readonly isLong: boolean;
}

/** A stretch of a resource. A server that does not give stretches is hung up on once enough has come from its start. */
export interface Stretch {
  readonly from: number;
  /** Before this byte. */
  readonly to: number;
  /** How many bytes from the start are needed, as far as these tell. */
  readonly bytesNeeded: (bytes: Buffer, total: number) => number;
  /** Whether to ask for a stretch at all. */
  readonly isAskedFor: boolean;
}

export interface Download {
  readonly body: Buffer;
  /** Where in the resource the body begins, bytes. */
  readonly from: number;
  /** Bytes of all of the resource, as far as the server says. */
  readonly total: number;
  /** Unix epoch, milliseconds. */
  readonly receivedAt: number;
}

const PARTIAL = 206;
/** Of the stretch that was asked for: all of it may be had. */
const UNSATISFIABLE = 416;

/** Gets one resource of a session: no redirects, no compression, no more bytes and no longer time than agreed. */
export class Downloader {
  readonly #memory = new BodyMemory();

  constructor(
    private readonly agents: Agents,
    private readonly timeoutMs: number,
  ) {}

  /**
   * @throws HLSStreamError SESSION_EXPIRED for 401 and 403, HTTP_STATUS, NETWORK, TIMEOUT, TOO_LARGE; or the signal's reason
   */
  async get(url: SessionUrl, resource: Resource, signal: AbortSignal, stretch?: Stretch): Promise<Download> {
    signal.throwIfAborted();
    using deadline = new Deadline(this.timeoutMs, resource.isLong);
    try {
      const asked = stretch?.isAskedFor ? { range: `bytes=${stretch.from}-${stretch.to - 1}` } : {};
      const response = checked(await this.#request(url.reveal(), asked, deadline, signal), resource, stretch?.isAskedFor === true);
      const given = response.statusCode === PARTIAL ? givenStretch(response, resource, stretch) : undefined;
      const bytesNeeded = given === undefined ? stretch?.bytesNeeded : undefined;
      const body = await readBody(response, { ...resource, memory: this.#memory, note: (bytes) => deadline.note(bytes), bytesNeeded });
      const announced = Number(response.headers["content-length"] ?? body.length);
      return { body, from: given?.from ?? 0, total: given?.total ?? announced, receivedAt: Date.now() };
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof HLSStreamError ? error : broken(resource, url, error as NodeJS.ErrnoException);
    }
  }

  /** The body of an answer will not be read any more, nor any part of it. */
  recycle(body: Buffer): void {
    this.#memory.giveBack(body);
  }

  #request(url: URL, headers: http.OutgoingHttpHeaders, deadline: Deadline, signal: AbortSignal): Promise<http.IncomingMessage> {
    const [client, agent] = url.protocol === "https:" ? [https, this.agents.https] : [http, this.agents.http];
    return new Promise((resolve, reject) => {
      const request = client.get(url, { agent, signal, headers: { "accept-encoding": "identity", ...headers } });
      // Once a response has begun, only destroying that tells its reader the reason.
      let pending: { destroy(error: Error): unknown } = request;
      request.on("response", (response) => {
        pending = response;
        deadline.begin();
        resolve(response);
      });
      request.on("error", reject);
      // An answer that changes the protocol ends in silence, with no error.
      request.on("close", () => reject(new Error("closed without an answer")));
      deadline.onOver = (reason) => pending.destroy(Object.assign(new Error(reason), { code: "ETIMEDOUT" }));
    });
  }
}

function checked(response: http.IncomingMessage, { what }: Resource, mayBePart: boolean): http.IncomingMessage {
  const status = response.statusCode ?? 0;
  if ((status === 200 || (status === PARTIAL && mayBePart)) && response.headers["content-encoding"] === undefined) return response;
  response.destroy();
  if (status === 401 || status === 403) throw new HLSStreamError(`the service refused ${what} with status ${status}: the session has ended`, { code: "SESSION_EXPIRED", retryable: true });
  throw new HLSStreamError(`cannot get ${what}: it ${problemOf(status)}`, { code: "HTTP_STATUS", retryable: isTemporary(status) });
}

/** @throws HLSStreamError HTTP_STATUS when it is not what was asked for */
function givenStretch(response: http.IncomingMessage, { what, maxBytes }: Resource, asked: Stretch | undefined): { from: number; total: number } {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers["content-range"] ?? "")?.map(Number) ?? [];
  if (from !== undefined && total !== undefined && from === asked?.from && total <= maxBytes) return { from, total };
  response.destroy();
  throw new HLSStreamError(`cannot get ${what}: a part came that was not asked for`, { code: "HTTP_STATUS", retryable: true });
}

function problemOf(status: number): string {
  if (status === 200) return "came compressed, which was not asked for";
  if (status === PARTIAL) return "was answered with a part, as if it could not be had whole";
  if (status === 407) return "was refused by a proxy that requires a user name and password (status 407)";
  const isRedirect = status >= 300 && status < 400;
  return isRedirect ? `was answered with a redirect (status ${status}), which is not followed` : `was answered with status ${status}`;
}

/** 400 is how the service throttles; 404 can be a list that is ahead of the store. */
const isTemporary = (status: number): boolean => status === 400 || status === 404 || status === UNSATISFIABLE || status === 429 || status >= 500;

function broken({ what }: Resource, url: SessionUrl, cause: NodeJS.ErrnoException): HLSStreamError {
  const code: ErrorCode = cause.code === "ETIMEDOUT" ? "TIMEOUT" : "NETWORK";
  return new HLSStreamError(`cannot get ${what} from ${url.host}: ${cause.message}`, { code, retryable: true, cause });
}
