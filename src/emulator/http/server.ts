import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Reply, Request } from "./message.js";

/** An answer on its way; without a reply, the connection is closed. */
export interface Delivery {
  readonly reply?: Reply;
  /** Close the connection after this many bytes of the body. */
  readonly truncateAt?: number | undefined;
}

const MAX_REQUEST_BYTES = 1 << 20;

/** Starts listening; resolves once requests are taken. */
export async function listen(host: string, port: number, handle: (request: Request) => Promise<Delivery>): Promise<Server> {
  const server = createServer((incoming, response) => {
    readRequest(incoming)
      .then(handle)
      .then((delivery) => deliver(delivery, response))
      .catch((error: unknown) => { fail(error, response); });
  });
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

export function originOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Closes every connection at once, also those kept alive. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) throw new RangeError(`request body must be at most ${MAX_REQUEST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { method = "GET", url = "/", headers } = incoming;
  const [path = "/", query] = url.split("?", 2);
  return { method, path, query: new URLSearchParams(query), headers, body: Buffer.concat(chunks) };
}

function deliver({ reply, truncateAt }: Delivery, response: ServerResponse): void {
  if (reply === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { ...reply.headers, "content-length": reply.body.length });
  if (truncateAt === undefined) response.end(reply.body);
  else response.write(reply.body.subarray(0, truncateAt), () => response.destroy());
}

/** A defect of ours, or of the hook: said aloud, since a closed connection would look like a wanted fault. */
function fail(error: unknown, response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { "content-type": "text/plain" }).end(`emulator: ${String(error)}`);
}
