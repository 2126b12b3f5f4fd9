import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { supplying } from "../helpers/session-supply.js";

const never = new AbortController().signal;

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
      sessions.reset("reconnect");
      assert.equal(await acquire(), "s2");
      assert.deepEqual(reasons, ["start", "reconnect"]);
    }));

  test("stop waiting for their turn with the signal's own reason", () =>
    supplying({}, async ({ sessions }) => {
      sessions.reportExpired(await sessions.acquire(never));
      const controller = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 100);
      await assert.rejects(sessions.acquire(controller.signal), (error) => error === reason);
    }));
});
