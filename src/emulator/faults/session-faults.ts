import type { Camera } from "../camera/camera.js";
import type { SessionOptions } from "../hls/session.js";
import { MAX_PER_STREAM, type Sessions } from "../hls/sessions.js";
import type { Fault } from "./schema.js";

export type SessionFault = Extract<Fault, { kind: "expire" | "revoke" }>;

export const isOnSessions = (fault: Fault): fault is SessionFault => fault.kind === "expire" || fault.kind === "revoke";

const SESSION_MS = 300_000;

/** Ends a stream's sessions, or lets somebody else open as many as end them. */
export function strikeSessions({ kind }: SessionFault, sessions: Sessions, camera: Camera, now: number): void {
  if (kind === "expire") sessions.end(camera, now);
  else for (let opened = 0; opened < MAX_PER_STREAM; opened++) sessions.open(camera, ofSomebodyElse(now), now);
}

/** As the service opens them by default. */
const ofSomebodyElse = (now: number): SessionOptions => ({
  mode: "LIVE",
  range: { clock: "server", startMs: -Infinity, endMs: Infinity },
  expiresAt: now + SESSION_MS,
  maxFragments: 5,
  discontinuity: "ALWAYS",
  showTimestamps: false,
});
