import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { supplying } from "../helpers/session-supply.js";

/** Lets the clock jump, because sessions live for minutes. */
function movableClock(context: TestContext): (seconds: number) => void {
  const realNow = Date.now.bind(Date);
  let ahead = 0;
  context.mock.method(Date, "now", () => realNow() + ahead);
  return (seconds) => (ahead += seconds * 1000);
}

test("a session is replaced ahead of its end, and supplied until the new one is there", async (context) => {
  const pass = movableClock(context);
  await supplying({ sessionSeconds: 300, refreshMarginMs: 60_000 }, async ({ acquire, reasons, openedAt }) => {
    assert.equal(await acquire(), "s1");
    pass(200);
    assert.equal(await acquire(), "s1");
    assert.equal(openedAt.length, 1);
    pass(50);
    assert.equal(await acquire(), "s1");
    while ((await acquire()) === "s1") await sleep(20);
    assert.equal(await acquire(), "s2");
    assert.deepEqual([reasons, openedAt.length], [["start", "refresh"], 2]);
  });
});

test("a session that ran out while nobody asked is replaced, and not as a first start", async (context) => {
  const pass = movableClock(context);
  await supplying({}, async ({ acquire, reasons }) => {
    await acquire();
    pass(301);
    assert.equal(await acquire(), "s2");
    assert.deepEqual(reasons, ["start", "expired"]);
  });
});

test("a session is kept to its end when its refresh fails, and only then there is an error", async (context) => {
  const pass = movableClock(context);
  const answer = (times: number) => (times === 1 ? { fields: { HLSStreamingSessionURL: "http://127.0.0.1:9/x?SessionToken=s1" } } : { error: "InvalidArgumentException" });
  const use: Parameters<typeof supplying>[1] = async ({ acquire, openedAt }) => {
    await acquire();
    pass(250);
    for (let tries = 2; tries <= 3; tries++) {
      while (openedAt.length < tries) {
        assert.equal(await acquire(), "s1");
        await sleep(20);
      }
      pass(10);
    }
    assert.equal(await acquire(), "s1");
    pass(60);
    await assert.rejects(acquire(), /no reason given/);
  };
  await supplying({ sessionSeconds: 300, refreshMarginMs: 60_000 }, use, answer);
});
