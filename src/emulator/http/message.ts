import type { IncomingHttpHeaders } from "node:http";

export interface Request {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Which part of the whole the body is, where it is only a part by request. */
  readonly range?: ServedRange;
}

export interface ServedRange {
  /** First byte. */
  readonly from: number;
  /** Last byte. */
  readonly to: number;
  /** Of the whole. */
  readonly size: number;
}

/** Gives the body piece by piece; the signal says that nobody listens any more. */
export type Pace = (body: Buffer, signal: AbortSignal) => Iterable<Buffer> | AsyncIterable<Buffer>;

/** Small enough to tell how far a client listened, large enough to cost nothing. */
const PIECE_BYTES = 16_384;

export function* inPieces(body: Buffer, bytes = PIECE_BYTES): Generator<Buffer> {
  for (let at = 0; at < body.length; at += bytes) yield body.subarray(at, at + bytes);
}

export const reply = (body: Buffer | string, contentType: string, status = 200): Reply => ({
  status,
  headers: { "content-type": contentType },
  body: Buffer.from(body),
});

export const jsonReply = (value: unknown): Reply => reply(JSON.stringify(value), "application/json");
