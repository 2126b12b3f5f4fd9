import { errorReply, ServiceError, tooFast } from "./errors.js";
import { RateLimiter, type RATES } from "./api/limits.js";
import { findOperation, unknownOperation } from "./api/operations.js";
import { authenticate } from "./api/signature.js";
import { streamNameIn, type Cameras } from "./api/streams.js";
import { checkSession, findRoute, type HlsRoute } from "./hls/routes.js";
import type { Astray } from "./hls/session.js";
import { Sessions } from "./hls/sessions.js";
import type { Reply, Request } from "./http/message.js";
import type { RequestFacts } from "./http/override.js";
import { DEFAULT_FFMPEG, DEFAULT_SWITCHES, type EmulatorOptions, type Switches } from "./options.js";

/** The service behind the HTTP server: what it answers to a request. */
export class Service {
  readonly sessions = new Sessions();
  readonly #limiter = new RateLimiter();
  readonly #switches: Switches;

  constructor(
    private readonly cameras: Cameras,
    private readonly options: EmulatorOptions,
  ) {
    this.#switches = { ...DEFAULT_SWITCHES, ...options.switches };
  }

  /** What a request is about, before it is answered. */
  identify(request: Request, at: number): RequestFacts {
    const { method, path } = request;
    const query = new URLSearchParams(request.query);
    query.delete("SessionToken");
    const session = this.sessions.find(request.query.get("SessionToken"));
    const operation = findRoute(request)?.operation ?? findOperation(request)?.name;
    return {
      at, method, path, query, operation,
      streamName: session?.camera.name ?? streamNameIn(request.body),
      sessionIndex: session?.index, sessionMode: session?.options.mode, sessionOpenedAt: session?.openedAt,
      fragment: query.get("FragmentNumber") ?? undefined,
      askedRange: request.headers.range,
    };
  }

  async answer(request: Request, astray?: Astray): Promise<Reply> {
    try {
      const route = findRoute(request);
      return route ? this.#answerHls(route, request, astray) : await this.#answerApi(request);
    } catch (error) {
      if (error instanceof ServiceError) return errorReply(error);
      throw error;
    }
  }

  #answerHls({ operation, answer }: HlsRoute, { query }: Request, astray: Astray | undefined): Reply {
    const now = Date.now();
    const session = checkSession(this.sessions.find(query.get("SessionToken")), this.#switches.expiryStatus, now);
    this.#limit(operation, session.token, now, this.#switches.throttleStatus);
    return answer(session, query, { switches: this.#switches, now, astray });
  }

  #answerApi(request: Request): Reply | Promise<Reply> {
    const operation = findOperation(request);
    if (operation === undefined) return unknownOperation();
    authenticate(request, this.options.accessKeys);
    const now = Date.now();
    return operation.answer(request, {
      cameras: this.cameras,
      sessions: this.sessions,
      ffmpeg: { path: this.options.ffmpeg ?? DEFAULT_FFMPEG, signal: this.options.signal },
      sessionSeconds: this.options.sessionSeconds ?? Infinity,
      now,
      limit: (name, subject) => { this.#limit(name, subject, now); },
    });
  }

  #limit(operation: keyof typeof RATES, subject: string, now: number, status?: number): void {
    if (this.options.limits !== false && !this.#limiter.take(operation, subject, now)) throw tooFast(operation, status);
  }
}
