import type { Beginning } from "../core/need.js";
import type { Download, Stretch } from "./download.js";

/** With the init segment at hand. */
export interface BeginningOf extends Pick<Beginning, "guess"> {
  readonly bytesNeeded: Stretch["bytesNeeded"];
  /** What there is of it already. */
  readonly have?: Buffer;
}

/** A fragment, or the beginning of one. */
export interface FragmentDownload extends Pick<Download, "body" | "total" | "receivedAt"> {
  /** Bytes, with all requests. */
  readonly received: number;
}

/** A guess, what that tells, and once more if it tells only where to look: whoever needs more has all of it. */
const MOST_STRETCHES = 3;

/** Gets a fragment from its start, for as long as more of it proves to be needed. */
export async function readBeginning({ guess, bytesNeeded, have = Buffer.alloc(0) }: BeginningOf, get: (stretch?: Stretch) => Promise<Download>): Promise<FragmentDownload> {
  let body = have;
  let received = 0;
  for (let stretches = 1, to = guess; ; stretches++) {
    const isLast = stretches > MOST_STRETCHES;
    const download = await get(isLast ? undefined : { from: body.length, to, bytesNeeded, isAskedFor: Number.isFinite(to) });
    received += download.body.length;
    body = download.from === 0 ? download.body : Buffer.concat([body, download.body]);
    const { total, receivedAt } = download;
    to = Math.min(total, bytesNeeded(body, total));
    if (isLast || body.length >= to) return { body, total, receivedAt, received };
  }
}
