import type { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import type { KinesisVideoArchivedMediaClient } from "@aws-sdk/client-kinesis-video-archived-media";

/** Many times the longest answer that a request of ours can have. */
const MAX_BYTES = 2 ** 20;

/** Clients whose last request went without TLS: to an address that the caller or the environment gave. */
const PLAIN = new WeakSet<object>();
export const isPlainClient = (client: KinesisVideoClient | KinesisVideoArchivedMediaClient): boolean => PLAIN.has(client);

/**
 * Bounds what a client takes for an answer, in bytes and in time: the AWS SDK reads a body to its end, however long it is and
 * however slowly it comes. A request then fails with a TimeoutError, or an OversizeError.
 * @param timeoutMs from the request to the last byte of its answer
 */
export function bound<C extends KinesisVideoClient | KinesisVideoArchivedMediaClient>(client: C, timeoutMs: number): C {
  const handler = client.config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options: { abortSignal?: unknown } = {}) => {
    if (request.protocol === "http:") PLAIN.add(client);
    else PLAIN.delete(client);
    const late = AbortSignal.timeout(timeoutMs);
    const given = options.abortSignal as AbortSignal | undefined;
    try {
      const { response } = await handle(request, { ...options, abortSignal: given ? AbortSignal.any([given, late]) : late });
      response.body = await readWhole(response.body as AsyncIterable<Buffer>);
      return { response };
    } catch (error) {
      throw late.aborted ? named("TimeoutError", `not whole within ${timeoutMs / 1000} s`) : error;
    }
  };
  return client;
}

async function readWhole(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw named("OversizeError", `the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
