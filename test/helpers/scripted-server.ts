import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";

/** A real HTTP server on a free port that answers as a test says, and remembers what it was asked. */
export interface ScriptedServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** "GET /path?query" of every request, in order. */
  readonly asked: string[];
}

export async function startServer(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<ScriptedServer> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  };
  const server = createServer(listener);
  const port = await listening(server);
  return { origin: `http://127.0.0.1:${port}`, port, asked, [Symbol.asyncDispose]: () => closed(server) };
}

/** @returns the port */
export async function listening(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

export function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return done;
}
