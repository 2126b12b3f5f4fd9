import { printable } from "../../core/redact.js";
import { isoTime } from "../../core/time.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { ndjson } from "../../sinks/manifest.js";
import { listStreams, type ListedStream } from "../../source/streams.js";
import type { CommandContext } from "../context.js";
import type { StreamsFlags } from "./command.js";

/** Lists streams as they come, so that a long list can be read from its start. */
export async function runStreams({ prefix, json, region, profile, endpointUrl, timeout }: StreamsFlags, { stdout, stderr, signal }: CommandContext): Promise<void> {
  const out = new ByteStream(stdout, { name: "stdout", flag: "output" });
  let count = 0;
  for await (const stream of listStreams({ prefix, region, profile, endpointUrl, ...(timeout !== undefined && { timeout }), signal })) {
    await out.write(json ? ndjson(record(stream)) : line(stream));
    count += 1;
  }
  if (count === 0) stderr.write(`kvs-frames: no stream${prefix === undefined ? "" : ` whose name begins with "${prefix}"`} in this region; try another with --region\n`);
}

const record = ({ createdAt, ...stream }: ListedStream): object => ({ type: "stream", ...stream, createdAt: createdAt === null ? null : isoTime(createdAt) });

const NAME_WIDTH = 32;

const line = ({ name, status, retentionHours, createdAt }: ListedStream): string =>
  `${printable(name).padEnd(NAME_WIDTH)}  ${printable(status).padEnd(8)}  ${`${retentionHours} h`.padStart(7)}  ${createdAt === null ? "" : isoTime(createdAt).slice(0, 10)}\n`;
