import type { Pace, Reply } from "./message.js";

/** One request, as tests see it: without its token. */
export interface RequestFacts {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** API operation or HLS route, such as GetHLSMediaPlaylist. */
  readonly operation?: string | undefined;
  readonly streamName?: string | undefined;
  /** Which session of this emulator's life, from 0. */
  readonly sessionIndex?: number | undefined;
  readonly sessionMode?: "LIVE" | "LIVE_REPLAY" | "ON_DEMAND" | undefined;
  readonly sessionOpenedAt?: number | undefined;
  /** Number of the fragment that is asked for. */
  readonly fragment?: string | undefined;
  /** The Range header. */
  readonly askedRange?: string | undefined;
}

/** What to do to a request instead of, or after, answering it as the service would. */
export interface ResponseOverride {
  /** Wait before anything else, milliseconds. */
  readonly delayMs?: number;
  /** Close the connection without an answer. */
  readonly destroy?: boolean;
  /** Answer this without asking the service. */
  readonly status?: number;
  /** Added to the headers, or in their place. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the body; a function is given the real one. */
  readonly body?: string | Buffer | ((body: Buffer) => Buffer);
  /** Close the connection after this many bytes of the body, although Content-Length promises all. */
  readonly truncateAt?: number;
  /** Sends the body in its own time; one that ends before the body does ends the connection too. */
  readonly pace?: Pace;
}

export type RequestHook = (request: RequestFacts) => ResponseOverride | undefined | Promise<ResponseOverride | undefined>;

/** The overridden answer; `answer` is what the service says, asked only if needed. */
export async function overriddenReply({ status, headers, body }: ResponseOverride, answer: () => Promise<Reply>): Promise<Reply> {
  const original: Reply = status === undefined ? await answer() : { status, headers: {}, body: Buffer.alloc(0) };
  return {
    status: original.status,
    headers: { ...original.headers, ...headers },
    body: typeof body === "function" ? body(original.body) : body === undefined ? original.body : Buffer.from(body),
  };
}

/** Whether what is sent is the service's own, however late and however far. */
export const isFaithful = ({ status, body }: ResponseOverride): boolean => status === undefined && body === undefined;

/** How the body goes out. */
export const paceOf = ({ pace, truncateAt }: ResponseOverride): Pace | undefined =>
  truncateAt === undefined ? pace : (body) => [body.subarray(0, truncateAt)];
