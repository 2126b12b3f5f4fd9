import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { OutputError } from "../core/errors.js";
import type { CameraMetrics } from "./metrics.js";

/** Whether frames are coming, and what to tell whoever asks. */
export interface Health {
  readonly isHealthy: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface MonitoringOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly metrics: Pick<CameraMetrics, "contentType" | "text">;
  readonly health: () => Health;
}

export interface MonitoringServer extends AsyncDisposable {
  /** "http://127.0.0.1:9400" */
  readonly url: string;
}

const MOST_CONNECTIONS = 64;
/** Time limit for a request to arrive, milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

type Route = (response: ServerResponse) => void | Promise<void>;

/** Serves /metrics, /livez (the process runs) and /readyz (frames are coming). */
export async function startMonitoring({ host, port, metrics, health }: MonitoringOptions): Promise<MonitoringServer> {
  const routes: Readonly<Record<string, Route>> = {
    "/metrics": async (response) => send(response, 200, metrics.contentType, await metrics.text()),
    "/livez": (response) => sendJson(response, 200, { status: "alive" }),
    "/readyz": (response) => {
      const { isHealthy, detail } = health();
      sendJson(response, isHealthy ? 200 : 503, { status: isHealthy ? "ready" : "not ready", ...detail });
    },
  };
  const server = createServer(async (request, response) => {
    const route = routes[request.url?.split("?")[0] ?? ""];
    if (route === undefined) {
      sendJson(response, 404, { error: `no such page; there are ${Object.keys(routes).join(", ")}` });
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendJson(response, 405, { error: `${request.method} is not allowed, GET is` });
    } else {
      await route(response);
    }
  });
  // Idle connections must not use up the file descriptors that reading frames needs.
  Object.assign(server, { maxConnections: MOST_CONNECTIONS, headersTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: REQUEST_TIMEOUT_MS });
  await listen(server, host, port);
  return { url: urlOf(server), [Symbol.asyncDispose]: () => close(server) };
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" }).end(body);
}

const sendJson = (response: ServerResponse, status: number, body: object): void => send(response, status, "application/json", `${JSON.stringify(body)}\n`);

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use (EADDRINUSE); choose another --metrics-port, or 0 for any free one",
  EACCES: "the port needs more rights (EACCES); choose a --metrics-port above 1023",
  EADDRNOTAVAIL: "this machine does not have the address (EADDRNOTAVAIL); choose another --metrics-host",
  ENOTFOUND: "the host name is unknown (ENOTFOUND); choose another --metrics-host",
};

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await once(server.listen(port, host), "listening");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new OutputError(`cannot serve metrics on ${host}:${port}: ${REASONS[code] ?? String(error)}`, { code: "CANNOT_CREATE", cause: error });
  }
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** At once, also for scrapers that keep their connection. */
async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
