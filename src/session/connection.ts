import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { KVSConnectionError } from "../core/errors.js";
import { Proxies, type Proxy } from "./proxies.js";
import { openToProxy, openTunnel, proxyAuthorization, type Attempt } from "./tunnel.js";

declare module "node:http" {
  interface Agent {
    /** Node calls it with each request: https://nodejs.org/api/http.html#class-httpagent */
    addRequest(request: http.ClientRequest, options: object): void;
  }
}

/** How to reach the network: the same for API calls and media. */
export interface Connections {
  readonly http: http.Agent;
  readonly https: https.Agent;
  close(): void;
}

type Opened = (error: Error | null, socket?: Duplex) => void;
/** What Node hands to an agent. */
type Asked = http.ClientRequestArgs & { readonly host: string; readonly port: number };

/** Of the time for a request: what a connection through a proxy may take of it, so that its own reason is told and not the request's. */
const PROXY_SHARE = 0.8;
const KEEP_ALIVE = { keepAlive: true } as const;

/**
 * Agents that honor HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and AWS_CA_BUNDLE (certificates that are trusted besides the
 * usual ones).
 * @param timeoutMs for a request
 * @throws KVSConnectionError INVALID_REQUEST when the bundle cannot be read, or a proxy's URL cannot be used
 */
export async function openConnections(env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Connections> {
  const closing = new AbortController();
  const trusted = await trust(env);
  const attempt = (): Attempt => ({ ...trusted, signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs * PROXY_SHARE)]) });
  const routes = { proxies: new Proxies(env), attempt };
  const agents = { http: new HttpAgent(routes), https: new HttpsAgent(routes, trusted) };
  return {
    ...agents,
    close: () => {
      closing.abort();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

interface Routes {
  readonly proxies: Proxies;
  readonly attempt: () => Attempt;
}

/** Gives Node what it asked for, or the reason why not. */
function hand(opening: Promise<Duplex>, opened: Opened): void {
  opening.then(
    (socket) => opened(null, socket),
    (error: Error) => opened(error),
  );
}

class HttpsAgent extends https.Agent {
  constructor(
    private readonly routes: Routes,
    options: https.AgentOptions,
  ) {
    super({ ...KEEP_ALIVE, ...options });
  }

  override createConnection(options: Asked, opened: Opened): Duplex | undefined {
    const proxy = this.routes.proxies.for("https", options.host, options.port);
    if (proxy === undefined) return super.createConnection(options, opened) as Duplex;
    const secure = (socket: Duplex): Duplex => super.createConnection({ ...options, socket } as Asked) as Duplex;
    hand(openTunnel(proxy, options, this.routes.attempt()).then(secure), opened);
    return undefined;
  }
}

class HttpAgent extends http.Agent {
  constructor(private readonly routes: Routes) {
    super(KEEP_ALIVE);
  }

  /** An HTTP proxy wants the whole address in a request's first line. */
  override addRequest(request: http.ClientRequest, options: Asked): void {
    const proxy = this.#proxyFor(options);
    if (proxy?.kind === "http" || proxy?.kind === "https") {
      request.path = `http://${String(request.getHeader("host"))}${request.path}`;
      for (const [name, value] of Object.entries(proxyAuthorization(proxy))) request.setHeader(name, value);
    }
    super.addRequest(request, options);
  }

  override createConnection(options: Asked, opened: Opened): Duplex | undefined {
    const proxy = this.#proxyFor(options);
    if (proxy === undefined) return super.createConnection(options, opened) as Duplex;
    const isHttp = proxy.kind === "http" || proxy.kind === "https";
    const opening = isHttp ? openToProxy(proxy, this.routes.attempt()) : openTunnel(proxy, options, this.routes.attempt());
    hand(opening, opened);
    return undefined;
  }

  #proxyFor({ host, port }: Asked): Proxy | undefined {
    return this.routes.proxies.for("http", host, port);
  }
}

/** Reads the certificates once: with `ca` each connection would parse them anew. */
async function trust(env: NodeJS.ProcessEnv): Promise<{ secureContext?: tls.SecureContext }> {
  const bundle = env["AWS_CA_BUNDLE"];
  if (!bundle) return {};
  try {
    const certificates = await readFile(bundle, "utf8");
    if (!certificates.includes("BEGIN CERTIFICATE")) throw new Error("it holds no certificate");
    return { secureContext: tls.createSecureContext({ ca: [...(await usualCertificates(env)), certificates] }) };
  } catch (cause) {
    throw new KVSConnectionError(`cannot read AWS_CA_BUNDLE "${bundle}": ${(cause as Error).message}`, { code: "INVALID_REQUEST", cause });
  }
}

/** What Node trusts by itself: a bundle of our own would take the place of NODE_EXTRA_CA_CERTS. */
async function usualCertificates(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => readonly string[] };
  if (getCACertificates !== undefined) return getCACertificates("default");
  const extra = env["NODE_EXTRA_CA_CERTS"];
  // Node itself warns of a file that cannot be read.
  const extras = extra ? await readFile(extra, "utf8").catch(() => "") : "";
  return [...tls.rootCertificates, extras].filter((certificates) => certificates !== "");
}
