import { lookup } from "node:dns/promises";
import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import type { Proxy } from "./proxies.js";

/** The proxy could not be reached, or refused. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";

  /** @param isRefusal it answered, and does not let us through */
  constructor(
    message: string,
    readonly isRefusal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Opens a connection through a proxy to a server.
 * @param signal ends an attempt that is under way; a connection that is open stays so
 * @throws ProxyError
 */
export async function openTunnel(proxy: Proxy, target: Target, signal: AbortSignal): Promise<net.Socket> {
  return connected(proxy, signal, (socket) => (proxy.kind === "http" || proxy.kind === "https" ? askHttp(proxy, target, socket) : askSocks(proxy, target, socket)));
}

/**
 * Opens a connection to a proxy itself.
 * @throws ProxyError
 */
export function openToProxy(proxy: Proxy, signal: AbortSignal): Promise<net.Socket> {
  return connected(proxy, signal, (socket) => Promise.resolve(socket));
}

/** The header that proves who we are to an HTTP proxy. */
export const proxyAuthorization = ({ user, password }: Proxy): Record<string, string> =>
  user === "" && password === "" ? {} : { "proxy-authorization": `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };

async function connected(proxy: Proxy, signal: AbortSignal, ask: (socket: net.Socket) => Promise<net.Socket>): Promise<net.Socket> {
  const { host, port, kind, label } = proxy;
  const socket = kind === "https" ? tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }), ALPNProtocols: ["http/1.1"] }) : net.connect({ host, port });
  const end = (): unknown => socket.destroy(new Error("no answer in time"));
  signal.addEventListener("abort", end);
  try {
    if (signal.aborted) end();
    await new Promise((resolve, reject) => socket.once(kind === "https" ? "secureConnect" : "connect", resolve).once("error", reject));
    return await ask(socket);
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    if (error instanceof ProxyError) throw error;
    throw new ProxyError(`no connection through the proxy ${label}: ${(error as Error).message || (error as NodeJS.ErrnoException).code}`, false, { cause: error });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Sends CONNECT: RFC 9110 9.3.6. */
function askHttp(proxy: Proxy, { host, port }: Target, socket: net.Socket): Promise<net.Socket> {
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = http.request({ method: "CONNECT", path: authority, headers: { host: authority, ...proxyAuthorization(proxy) }, createConnection: () => socket });
    request.once("error", reject);
    request.once("close", () => reject(new Error("it closed the connection without an answer")));
    request.once("connect", ({ statusCode = 0 }, _, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) return reject(refusal(proxy, statusCode));
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}

/** Returns what an HTTP proxy's refusal means for people. */
export function refusal({ label }: Pick<Proxy, "label">, status: number): ProxyError {
  const what = status === 407 ? "wants a user and a password (status 407): put them in its URL, as http://user:password@host:port" : `refused with status ${status}: ask whoever runs it, or exempt the service with NO_PROXY`;
  // A gateway's trouble passes.
  return new ProxyError(`the proxy ${label} ${what}`, status < 500);
}

async function askSocks(proxy: Proxy, { host, port }: Target, socket: net.Socket): Promise<net.Socket> {
  const { SocksClient } = await import("socks");
  const address = proxy.looksUpHere && net.isIP(host) === 0 ? (await lookup(host, proxy.kind === "socks4" ? 4 : 0)).address : host;
  const { kind, user, password } = proxy;
  const asked = { command: "connect", existing_socket: socket, destination: { host: address, port } } as const;
  await SocksClient.createConnection({ ...asked, proxy: { host: proxy.host, port: proxy.port, type: kind === "socks4" ? 4 : 5, ...((user || password) && { userId: user, password }) } });
  return socket;
}
