import type { ServerResponse } from "node:http";
import { startServer, type ScriptedServer } from "./scripted-server.js";

/** An answer of the service: an error by name, or 200 with these fields, or bytes that are no answer at all. */
export type KvsAnswer = { readonly error: string; readonly status?: number; readonly message?: string } | { readonly fields: Readonly<Record<string, unknown>> } | { readonly raw: string; readonly status?: number };

export interface KvsScript {
  readonly dataEndpoint?: KvsAnswer;
  readonly describe?: KvsAnswer;
  /** By the number of the request, from 1. */
  readonly session?: (times: number) => KvsAnswer;
  readonly list?: () => KvsAnswer;
}

/** The service's API, both hosts in one, that answers as a test says. Sessions are named s1, s2, … */
export async function startKvs({ dataEndpoint, describe, session, list }: KvsScript = {}): Promise<ScriptedServer> {
  let opened = 0;
  const server: ScriptedServer = await startServer((request, response) => {
    const answers: Record<string, () => KvsAnswer> = {
      "/getDataEndpoint": () => dataEndpoint ?? { fields: { DataEndpoint: server.origin } },
      "/describeStream": () => describe ?? { fields: { StreamInfo: { StreamName: "front", Status: "ACTIVE" } } },
      "/listFragments": () => list?.() ?? { fields: { Fragments: [] } },
      "/getHLSStreamingSessionURL": () => session?.(++opened) ?? { fields: { HLSStreamingSessionURL: `${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=s${opened}` } },
    };
    request.resume().on("end", () => send(response, answers[request.url ?? ""]?.() ?? { error: "UnknownOperationException", status: 404 }));
  });
  return server;
}

function send(response: ServerResponse, answer: KvsAnswer): void {
  if ("raw" in answer) return void response.writeHead(answer.status ?? 200).end(answer.raw);
  if ("fields" in answer) return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer.fields));
  const headers = { "content-type": "application/json", "x-amzn-ErrorType": answer.error, "x-amz-RequestId": "1234" };
  response.writeHead(answer.status ?? 400, headers).end(JSON.stringify({ Message: answer.message ?? "no reason given" }));
}
