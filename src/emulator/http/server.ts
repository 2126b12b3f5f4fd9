import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Exchange, type Delivery } from "./exchange.js";
import type { Request } from "./message.js";

const MAX_REQUEST_BYTES = 1 << 20;

/** Starts listening; resolves once requests are taken. */
export async function listen(host: string, port: number, handle: (request: Request, exchange: Exchange) => Promise<Delivery>): Promise<Server> {
  const server = createServer((incoming, response) => {
    const exchange = new Exchange(response);
    readRequest(incoming)
      .then((request) => handle(request, exchange))
      .then((delivery) => exchange.deliver(delivery))
      .catch((error: unknown) => { exchange.fail(error); });
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
