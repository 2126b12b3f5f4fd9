import type { SessionUrl } from "../../src/core/session-url.js";
import { LiveSessions, type LiveSessionOptions } from "../../src/session/live-sessions.js";
import { Openings } from "../../src/session/openings.js";
import { openApi } from "./api.js";
import { startKvs, type KvsScript } from "./scripted-kvs.js";

const never = new AbortController().signal;
const tokenOf = (url: SessionUrl): string => url.reveal().searchParams.get("SessionToken") ?? "";

/** The supply of sessions of a scripted service, named s1, s2, … by their tokens. */
export interface Supply {
  readonly sessions: LiveSessions;
  readonly acquire: () => Promise<string>;
  readonly reasons: string[];
  /** When each session was asked for, milliseconds. */
  readonly openedAt: number[];
}

export async function supplying(options: Partial<LiveSessionOptions>, use: (supply: Supply) => Promise<void>, answer: KvsScript["session"] = undefined): Promise<void> {
  const openedAt: number[] = [];
  const reasons: string[] = [];
  const script: KvsScript = {
    session: (times) => {
      openedAt.push(performance.now());
      return answer?.(times) ?? { fields: { HLSStreamingSessionURL: `http://127.0.0.1:9/x?SessionToken=s${times}` } };
    },
  };
  await using server = await startKvs(script);
  using api = openApi(server.origin);
  const sessions = new LiveSessions({ openings: new Openings(api), clock: "producer", sessionSeconds: 300, refreshMarginMs: 30_000, onSession: ({ reason }) => reasons.push(reason), ...options });
  await use({ sessions, reasons, openedAt, acquire: async () => tokenOf(await sessions.acquire(never)) });
}
