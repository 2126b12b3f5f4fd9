import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { rootCertificates } from "node:tls";
import { KVSConnectionError } from "../core/errors.js";

/** How to reach the network: the same for API calls and media. */
export interface Connections {
  readonly http: http.Agent;
  readonly https: https.Agent;
  close(): void;
}

const KEEP_ALIVE = { keepAlive: true } as const;
const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * Agents that honour HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and AWS_CA_BUNDLE (certificates that are trusted besides the
 * usual ones).
 * @throws KVSConnectionError INVALID_REQUEST when the bundle cannot be read
 */
export async function openConnections(env: NodeJS.ProcessEnv): Promise<Connections> {
  const options = { ...KEEP_ALIVE, ...(await trustedCertificates(env["AWS_CA_BUNDLE"])) };
  if (PROXY_VARIABLES.some((name) => env[name])) {
    const { ProxyAgent } = await import("proxy-agent");
    const agent = new ProxyAgent(options);
    return { http: agent, https: agent as unknown as https.Agent, close: () => agent.destroy() };
  }
  const agents = { http: new http.Agent(KEEP_ALIVE), https: new https.Agent(options) };
  return {
    ...agents,
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function trustedCertificates(bundle: string | undefined): Promise<{ ca?: string[] }> {
  if (!bundle) return {};
  try {
    const certificates = await readFile(bundle, "utf8");
    if (!certificates.includes("BEGIN CERTIFICATE")) throw new Error("it holds no certificate");
    return { ca: [...rootCertificates, certificates] };
  } catch (cause) {
    throw new KVSConnectionError(`cannot read AWS_CA_BUNDLE "${bundle}": ${(cause as Error).message}`, { code: "INVALID_REQUEST", cause });
  }
}
