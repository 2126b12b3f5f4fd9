import type { Json } from "./command.js";

export interface FramedItem {
  readonly record: Json;
  /** Of a frame. */
  readonly data: Buffer | undefined;
}

/** Takes a framed stream apart; throws where it is out of step. */
export function framedItems(stream: Buffer): FramedItem[] {
  const items: FramedItem[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = stream.indexOf("\n", at);
    const record = JSON.parse(stream.toString("utf8", at, end)) as Json;
    at = end + 1;
    const bytes = record.type === "frame" ? Number(record.bytes) : undefined;
    items.push({ record, data: bytes === undefined ? undefined : stream.subarray(at, at + bytes) });
    at += bytes ?? 0;
    if (at > stream.length) throw new Error(`the stream ends ${at - stream.length} bytes too early`);
  }
  return items;
}
