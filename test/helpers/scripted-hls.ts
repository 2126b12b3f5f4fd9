import type { IncomingMessage, ServerResponse } from "node:http";
import { SessionUrl } from "../../src/core/session-url.js";
import type { SessionSupply } from "../../src/hls/follower.js";
import { master, mediaList, numberOf } from "./playlist-text.js";
import { startServer, type ScriptedServer } from "./scripted-server.js";

export const FRAGMENT_MS = 200;

export interface HlsScript {
  /** What each load of the media playlist lists; the one after the last ends the stream, or repeats the last if `neverEnds`. */
  readonly lists: readonly (readonly number[])[];
  readonly neverEnds?: boolean;
  /** Status for this request instead of the answer; undefined: answer. `token` is s1, s2, … */
  readonly refuse?: (asked: { route: string; place: number | undefined; token: string; times: number }) => number | undefined;
  /** The init segment's bytes in that session. */
  readonly init?: (token: string) => string;
}

/** A service that plays a script, and the supply of its sessions. */
export interface ScriptedHls extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly sessions: SessionSupply;
  /** Tokens that were reported as expired. */
  readonly expired: string[];
  /** How often a route was asked, or a fragment by its place. */
  count(route: string): number;
}

export async function playScript({ lists, neverEnds = false, refuse, init = () => "init" }: HlsScript): Promise<ScriptedHls> {
  const counts = new Map<string, number>();
  const expired: string[] = [];
  const count = (key: string): number => counts.get(key) ?? 0;
  const bump = (key: string): number => counts.set(key, count(key) + 1).get(key) ?? 0;
  let load = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): unknown => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    const route = pathname.replace(/^.*\/get|\..*$/g, "");
    const token = searchParams.get("SessionToken") ?? "";
    const number = searchParams.get("FragmentNumber");
    const place = number === null ? undefined : Number(number.slice(-3)) - 100;
    const times = bump(route);
    if (place !== undefined) bump(`fragment ${place}`);
    const status = refuse?.({ route, place, token, times });
    if (status !== undefined) return response.writeHead(status).end();
    if (route === "HLSMasterPlaylist") return response.end(master(token));
    if (route === "MP4InitFragment") return response.end(init(token));
    if (route === "MP4MediaFragment") return response.end(`body ${place}`);
    const isOver = load >= lists.length;
    const places = lists[Math.min(load, lists.length - 1)] ?? [];
    load += 1;
    return response.end(mediaList(places, { token, isEnded: isOver && !neverEnds, fragmentMs: FRAGMENT_MS }));
  };
  const server = await startServer(answer);
  let current: { token: string; url: SessionUrl } | undefined;
  let opened = 0;
  const sessions: SessionSupply = {
    acquire: () => {
      if (current === undefined) {
        const token = `s${++opened}`;
        current = { token, url: new SessionUrl(`${server.origin}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${token}`) };
      }
      return Promise.resolve(current.url);
    },
    reportExpired: (url) => {
      if (current?.url !== url) return;
      expired.push(current.token);
      current = undefined;
    },
    reportStill: () => undefined,
  };
  return { server, sessions, expired, count, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export { numberOf };
