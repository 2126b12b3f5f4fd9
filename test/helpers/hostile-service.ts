import type { IncomingMessage, ServerResponse } from "node:http";
import { makeClip, type Clip } from "./clip.js";
import { master, mediaList } from "./playlist-text.js";
import { startServer, type ScriptedServer } from "./scripted-server.js";

export const ROUTES = ["getDataEndpoint", "getHLSStreamingSessionURL", "getHLSMasterPlaylist", "getHLSMediaPlaylist", "getMP4InitFragment", "getMP4MediaFragment"] as const;
export type Route = (typeof ROUTES)[number];

/** As long and of such characters as the service's. */
export const TOKEN = `CiB${"hostile".repeat(28)}~`;

export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What would be right to answer. */
  readonly right: Buffer;
  /** Origin of a server that must never be asked. */
  readonly canary: string;
  /** How often this route was asked before. */
  readonly times: number;
}

/** What a service does wrong, by route; the others it answers well. */
export type Hostility = Readonly<Partial<Record<Route, (asked: Asked) => unknown>>>;

export interface HostileService extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly canary: ScriptedServer;
}

let clip: Promise<Clip> | undefined;

/** A service that answers as a test says, beside a server to which nobody may be led. Its list begins with fragment 1, and soon has four. */
export async function startHostile(hostility: Hostility): Promise<HostileService> {
  clip ??= makeClip({ frames: 20 });
  const { init, fragments } = await clip;
  const times = new Map<string, number>();
  const canary = await startServer((_, response) => response.end("caught"));
  const server: ScriptedServer = await startServer((request, response) => {
    const route = ROUTES.find((name) => request.url?.includes(name));
    if (route === undefined) return response.writeHead(404).end();
    const before = times.get(route) ?? 0;
    times.set(route, before + 1);
    const right: Record<Route, () => string | Buffer> = {
      getDataEndpoint: () => JSON.stringify({ DataEndpoint: server.origin }),
      getHLSStreamingSessionURL: () => JSON.stringify({ HLSStreamingSessionURL: `${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${TOKEN}` }),
      getHLSMasterPlaylist: () => master(TOKEN),
      getHLSMediaPlaylist: () => mediaList(before === 0 ? [1] : [1, 2, 3, 4], { token: TOKEN }),
      getMP4InitFragment: () => init,
      getMP4MediaFragment: () => fragments[before % fragments.length] ?? Buffer.alloc(0),
    };
    const answer = hostility[route] ?? (({ right: body }: Asked) => response.end(body));
    response.on("error", () => undefined);
    return request.resume().on("end", () => answer({ request, response, right: Buffer.from(right[route]()), canary: canary.origin, times: before }));
  });
  const dispose = async (): Promise<void> => {
    await Promise.all([server, canary].map((one) => one[Symbol.asyncDispose]()));
  };
  return { server, canary, [Symbol.asyncDispose]: dispose };
}

/** Sends the piece until nobody listens: as fast as it is taken, or once in so many milliseconds. */
export const endless = (piece: Buffer, everyMs = 0) => ({ response }: Asked): void => {
  const send = (): void => {
    if (response.destroyed) return;
    const isTaken = response.write(piece);
    if (everyMs > 0) setTimeout(send, everyMs);
    else if (isTaken) setImmediate(send);
    else response.once("drain", send);
  };
  send();
};
