import http from "node:http";
import https from "node:https";
import { KvsApi, type ApiOptions } from "../../src/session/api.js";
import type { Connections } from "../../src/session/connection.js";

// The SDK looks for credentials in the environment; a scripted service takes any.
Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "example", AWS_EC2_METADATA_DISABLED: "true" });

/** A client of a scripted service, with connections of its own. */
export function openApi(endpointUrl: string, options: Partial<ApiOptions> = {}): KvsApi & Disposable {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  const connections: Connections = { ...agents, close: () => agents.http.destroy() };
  const api = new KvsApi({ streamName: "front", region: "eu-west-1", endpointUrl, timeoutMs: 2000, connections, ...options });
  return Object.assign(api, { [Symbol.dispose]: () => connections.close() });
}

export const LIVE = { PlaybackMode: "LIVE" } as const;
