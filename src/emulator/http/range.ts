import type { Reply } from "./message.js";

/** One range, with its end or without; what else HTTP knows (several, the last N bytes) is answered whole, as HTTP allows. */
const SINGLE = /^bytes=(\d+)-(\d*)$/i;

/** The part of a whole answer that a Range header asks for, as a server does that honours it. */
export function cutToRange({ status, headers, body }: Reply, asked: string | undefined): Reply {
  const size = body.length;
  const whole = { status, headers: { ...headers, "accept-ranges": "bytes" }, body };
  const [, first, last] = SINGLE.exec(asked ?? "") ?? [];
  // Of no bytes there is no range to give, and an empty body is meant to be seen as one.
  if (first === undefined || size === 0) return whole;
  const from = Number(first);
  const end = last === "" ? Infinity : Number(last);
  if (end < from) return whole;
  if (from >= size) return { status: 416, headers: { "content-range": `bytes */${size}` }, body: Buffer.alloc(0) };
  const to = Math.min(end, size - 1);
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${from}-${to}/${size}` },
    body: body.subarray(from, to + 1),
    range: { from, to, size },
  };
}
