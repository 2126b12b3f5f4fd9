import { randomBytes } from "node:crypto";
import type { Camera } from "../camera/camera.js";
import { Session, type SessionOptions } from "./session.js";

/** Opening one more revokes the oldest. */
export const MAX_PER_STREAM = 10;
/** An ended session is still known for a while, so that the journal can name it. */
const REMEMBERED_MS = 600_000;
const TOKEN_BYTES = 146;

export class Sessions {
  readonly #byToken = new Map<string, Session>();
  #opened = 0;

  open(camera: Camera, options: SessionOptions, now: number): Session {
    this.#forget(now);
    const alive = this.#alive(camera, now);
    const oldest = alive[0];
    if (oldest !== undefined && alive.length >= MAX_PER_STREAM) oldest.isEnded = true;
    const session = new Session(this.#opened++, newToken(), camera, options, now);
    this.#byToken.set(session.token, session);
    return session;
  }

  /** Ends all sessions of a stream, before their time. */
  end(camera: Camera, now: number): void {
    for (const session of this.#alive(camera, now)) session.isEnded = true;
  }

  find(token: string | null): Session | undefined {
    return token === null ? undefined : this.#byToken.get(token);
  }

  /** Oldest first. */
  #alive(camera: Camera, now: number): Session[] {
    return [...this.#byToken.values()].filter((session) => session.camera === camera && session.isAlive(now));
  }

  #forget(now: number): void {
    for (const [token, { options }] of this.#byToken) {
      if (options.expiresAt + REMEMBERED_MS < now) this.#byToken.delete(token);
    }
  }
}

/** As the service's tokens look: URL-safe, about 200 characters, a tilde at the end. */
const newToken = (): string => `CiB${randomBytes(TOKEN_BYTES).toString("base64url")}~`;
