import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionUrl } from "../../src/core/session-url.js";
import { LiveSessions, type LiveSessionOptions } from "../../src/session/live-sessions.js";
import { openApi } from "../helpers/api.js";
import { startKvs, type KvsScript } from "../helpers/scripted-kvs.js";

const never = new AbortController().signal;
const tokenOf = (url: SessionUrl): string => url.reveal().searchParams.get("SessionToken") ?? "";

interface Supply {
  readonly sessions: LiveSessions;
  readonly acquire: () => Promise<string>;
  readonly reasons: string[];
  /** When each session was asked for, milliseconds. */
  readonly openedAt: number[];
}

async function supplying(options: Partial<LiveSessionOptions>, use: (supply: Supply) => Promise<void>, answer: KvsScript["session"] = undefined): Promise<void> {
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
  const sessions = new LiveSessions({ api, clock: "producer", sessionSeconds: 300, refreshMarginMs: 30_000, onSession: ({ reason }) => reasons.push(reason), ...options });
  await use({ sessions, reasons, openedAt, acquire: async () => tokenOf(await sessions.acquire(never)) });
}

describe("live sessions", { concurrency: true }, () => {
  test("are opened once for as long as one serves, also when many ask at once", () =>
    supplying({}, async ({ acquire, reasons }) => {
      assert.deepEqual(await Promise.all([acquire(), acquire(), acquire()]), ["s1", "s1", "s1"]);
      assert.equal(await acquire(), "s1");
      assert.deepEqual(reasons, ["start"]);
    }));

  test("tell the host and the end of a session's life", () => {
    const told: { host: string; expiresAt: number }[] = [];
    const before = Date.now();
    return supplying({ sessionSeconds: 600, onSession: (session) => told.push(session) }, async ({ acquire }) => {
      await acquire();
      assert.deepEqual(told.map(({ host }) => host), ["127.0.0.1:9"]);
      assert.ok(told[0] !== undefined && told[0].expiresAt >= before + 600_000 && told[0].expiresAt <= Date.now() + 600_000);
    });
  });

  test("are replaced ahead of their end, and the old one is supplied until the new one is there", () =>
    supplying({ sessionSeconds: 10, refreshMarginMs: 9500 }, async ({ acquire, reasons, openedAt }) => {
      assert.equal(await acquire(), "s1");
      await sleep(600);
      assert.equal(await acquire(), "s1");
      assert.equal(openedAt.length, 1);
      while ((await acquire()) === "s1") await sleep(50);
      assert.equal(await acquire(), "s2");
      assert.deepEqual(reasons, ["start", "refresh"]);
      assert.ok((openedAt[1] ?? 0) - (openedAt[0] ?? 0) >= 990);
    }));

  test("are renewed when one is refused before its time, but not for a refusal of one that is gone", () =>
    supplying({}, async ({ sessions, acquire, reasons }) => {
      const first = await sessions.acquire(never);
      sessions.reportExpired(first);
      assert.equal(await acquire(), "s2");
      sessions.reportExpired(first);
      assert.equal(await acquire(), "s2");
      assert.deepEqual(reasons, ["start", "expired"]);
    }));

  test("are never opened more than once a second", () =>
    supplying({}, async ({ sessions, openedAt }) => {
      for (let round = 0; round < 3; round++) sessions.reportExpired(await sessions.acquire(never));
      const [first = 0, second = 0, third = 0] = openedAt;
      assert.ok(second - first >= 990 && third - second >= 990, openedAt.join());
    }));

  test("opened after a lost connection say so", () =>
    supplying({}, async ({ sessions, acquire, reasons }) => {
      await acquire();
      sessions.reset();
      assert.equal(await acquire(), "s2");
      assert.deepEqual(reasons, ["start", "reconnect"]);
    }));

  test("that ran out while nobody asked are replaced, and not as a first start", () =>
    supplying({ sessionSeconds: 1, refreshMarginMs: 0 }, async ({ acquire, reasons }) => {
      await acquire();
      await sleep(1100);
      assert.equal(await acquire(), "s2");
      assert.deepEqual(reasons, ["start", "expired"]);
    }));

  test("keep the old one to its end when a refresh fails, and only then fail", () =>
    supplying(
      { sessionSeconds: 3, refreshMarginMs: 2900 },
      async ({ acquire }) => {
        await acquire();
        const startedAt = performance.now();
        const failure = await (async () => {
          for (;;) {
            try {
              assert.equal(await acquire(), "s1");
            } catch (error) {
              return error as Error;
            }
            await sleep(100);
          }
        })();
        assert.match(failure.message, /no reason given/);
        assert.ok(performance.now() - startedAt > 2500);
      },
      (times) => (times === 1 ? { fields: { HLSStreamingSessionURL: "http://127.0.0.1:9/x?SessionToken=s1" } } : { error: "InvalidArgumentException" }),
    ));

  test("stop waiting for their turn with the signal's own reason", () =>
    supplying({}, async ({ sessions }) => {
      sessions.reportExpired(await sessions.acquire(never));
      const controller = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 100);
      await assert.rejects(sessions.acquire(controller.signal), (error) => error === reason);
    }));
});
