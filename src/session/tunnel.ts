import { lookup } from "node:dns/promises";
import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import { unlessAborted } from "../core/unless-aborted.js";
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

/** The signal ends an attempt sooner. */
const LONGEST_MS = 600_000;

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Attempt {
  /** Ends an attempt that is under way; a connection that is open stays so. */
  readonly signal: AbortSignal;
  /** What certificates to trust, of a proxy that is spoken to by TLS too. */
  readonly secureContext?: tls.SecureContext | undefined;
}

/**
 * Opens a connection through a proxy to a server.
 * @throws ProxyError
 */
export async function openTunnel(proxy: Proxy, target: Target, { signal, secureContext }: Attempt): Promise<net.Socket> {
  const isHttp = proxy.kind === "http" || proxy.kind === "https";
  const address = proxy.looksUpHere ? { ...target, host: await lookedUp(target.host, proxy, signal) } : target;
  return connected(proxy, { signal, secureContext }, (socket) => (isHttp ? askHttp(proxy, address, socket) : askSocks(proxy, address, socket, signal)));
}

/**
 * Opens a connection to a proxy itself.
 * @throws ProxyError
 */
export function openToProxy(proxy: Proxy, attempt: Attempt): Promise<net.Socket> {
  return connected(proxy, attempt, (socket) => Promise.resolve(socket));
}

/** The header that proves who we are to an HTTP proxy. */
export const proxyAuthorization = ({ user, password }: Proxy): Record<string, string> =>
  user === "" && password === "" ? {} : { "proxy-authorization": `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };

async function connected(proxy: Proxy, { signal, secureContext }: Attempt, ask: (socket: net.Socket) => Promise<net.Socket>): Promise<net.Socket> {
  const { host, port, kind, label } = proxy;
  const socket = kind === "https" ? tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }), ...(secureContext && { secureContext }), ALPNProtocols: ["http/1.1"] }) : net.connect({ host, port });
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

/** Request Timeout, Too Early, Too Many Requests: none of them is for good. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Returns what an HTTP proxy's refusal means for people. */
export function refusal({ label }: Pick<Proxy, "label">, status: number): ProxyError {
  const what = status === 407 ? "requires a user name and password (status 407): put them in its URL, as in http://user:password@host:port" : `refused with status ${status}: ask its administrator, or exempt the service with NO_PROXY`;
  // A gateway's trouble passes.
  return new ProxyError(`the proxy ${label} ${what}`, status < 500 && !PASSING.has(status));
}

/** As the package says that the proxy answered no: RFC 1928 6, RFC 1929 2, and SOCKS4's codes from 91 on. */
const SOCKS_REFUSAL = /authentication failed|no accepted authentication|NotAllowed|Rejected|RejectedIdent/i;

async function askSocks(proxy: Proxy, destination: Target, socket: net.Socket, signal: AbortSignal): Promise<net.Socket> {
  const { SocksClient } = await import("socks");
  signal.throwIfAborted();
  const { kind, user, password } = proxy;
  const server = { host: proxy.host, port: proxy.port, type: kind === "socks4" ? 4 : 5, ...((user || password) && { userId: user, password }) } as const;
  const asking = SocksClient.createConnection({ command: "connect", existing_socket: socket, destination, proxy: server, timeout: LONGEST_MS });
  const closed = new Promise<never>((_, reject) => socket.once("close", () => reject(new Error(signal.aborted ? "no answer in time" : "it closed the connection"))));
  try {
    await Promise.race([asking, closed]);
    return socket;
  } catch (error) {
    asking.catch(() => undefined); // told already
    const { message } = error as Error;
    // Without the package's error as its cause, which holds the password.
    throw new ProxyError(`no connection through the proxy ${proxy.label}: ${message}`, SOCKS_REFUSAL.test(message));
  } finally {
    closed.catch(() => undefined);
  }
}

async function lookedUp(host: string, { kind }: Proxy, signal: AbortSignal): Promise<string> {
  if (net.isIP(host) !== 0) return host;
  const { address } = await unlessAborted(lookup(host, kind === "socks4" ? 4 : 0), signal);
  return address;
}
