import http from "node:http";
import https from "node:https";
import { HLSStreamError, type ErrorCode } from "../core/errors.js";
import type { SessionUrl } from "../core/session-url.js";

/** Connections to use: shared with the API calls, so that proxies and certificates are the same for both. */
export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export interface Resource {
  /** "the playlist": for error messages. */
  readonly what: string;
  readonly maxBytes: number;
}

export interface Download {
  readonly body: Buffer;
  /** Unix epoch, milliseconds. */
  readonly receivedAt: number;
}

/** Gets one resource of a session: no redirects, no compression, no more bytes and no longer silence than agreed. */
export class Downloader {
  constructor(
    private readonly agents: Agents,
    private readonly timeoutMs: number,
  ) {}

  /**
   * @throws HLSStreamError SESSION_EXPIRED for 401 and 403, HTTP_STATUS, NETWORK, TIMEOUT, TOO_LARGE; or the signal's reason
   */
  async get(url: SessionUrl, resource: Resource, signal: AbortSignal): Promise<Download> {
    try {
      const response = await this.#request(url.reveal(), signal);
      const body = await readBody(checked(response, resource), resource);
      return { body, receivedAt: Date.now() };
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof HLSStreamError ? error : broken(resource, url, error as NodeJS.ErrnoException);
    }
  }

  #request(url: URL, signal: AbortSignal): Promise<http.IncomingMessage> {
    const [client, agent] = url.protocol === "https:" ? [https, this.agents.https] : [http, this.agents.http];
    return new Promise((resolve, reject) => {
      const request = client.get(url, { agent, signal, timeout: this.timeoutMs, headers: { "accept-encoding": "identity" } });
      // Once a response has begun, only destroying that tells its reader the reason.
      let pending: { destroy(error: Error): unknown } = request;
      request.on("response", (response) => {
        pending = response;
        resolve(response);
      });
      request.on("error", reject);
      request.on("timeout", () => pending.destroy(Object.assign(new Error(`silent for ${this.timeoutMs / 1000} s`), { code: "ETIMEDOUT" })));
    });
  }
}

function checked(response: http.IncomingMessage, { what }: Resource): http.IncomingMessage {
  const status = response.statusCode ?? 0;
  if (status === 200 && response.headers["content-encoding"] === undefined) return response;
  response.destroy();
  if (status === 401 || status === 403) throw new HLSStreamError(`the service refused ${what} with status ${status}: the session has ended`, { code: "SESSION_EXPIRED", retryable: true });
  const problem = status === 200 ? "came compressed, which was not asked for" : `was answered with status ${status}`;
  throw new HLSStreamError(`cannot get ${what}: it ${problem}`, { code: "HTTP_STATUS", retryable: isTemporary(status) });
}

/** 400 is how the service throttles; 404 can be a list that is ahead of the store. */
const isTemporary = (status: number): boolean => status === 400 || status === 404 || status === 429 || status >= 500;

async function readBody(response: http.IncomingMessage, { what, maxBytes }: Resource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new HLSStreamError(`cannot get ${what}: it is larger than ${maxBytes} bytes`, { code: "TOO_LARGE" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function broken({ what }: Resource, url: SessionUrl, cause: NodeJS.ErrnoException): HLSStreamError {
  const code: ErrorCode = cause.code === "ETIMEDOUT" ? "TIMEOUT" : "NETWORK";
  return new HLSStreamError(`cannot get ${what} from ${url.host}: ${cause.message}`, { code, retryable: true, cause });
}
