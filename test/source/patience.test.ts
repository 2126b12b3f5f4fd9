import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { KVSConnectionError } from "../../src/core/errors.js";
import type { SourceEvent } from "../../src/core/events.js";
import { Patience } from "../../src/source/patience.js";

const NOW = Date.UTC(2026, 10, 22);

/** Patience on a clock that the test moves. */
function waiting(context: TestContext, waitMs: number | undefined) {
  let now = NOW;
  context.mock.method(Date, "now", () => now);
  const told: SourceEvent[] = [];
  return { patience: new Patience(waitMs, (event) => told.push(event)), told, pass: (ms: number) => (now += ms) };
}

test("a short silence is not worth a word, a long one is told once", (context) => {
  const { patience, told, pass } = waiting(context, undefined);
  pass(9999);
  patience.strain();
  assert.deepEqual(told, []);
  pass(1);
  patience.strain();
  pass(60_000);
  patience.strain();
  assert.deepEqual(told, [{ type: "waiting", reason: "the camera sends nothing new", sinceMs: NOW }]);
});

test("a reason is told at once, and once", (context) => {
  const { patience, told } = waiting(context, undefined);
  patience.strain("the stream has no media");
  patience.strain("the stream has no media");
  assert.deepEqual(told, [{ type: "waiting", reason: "the stream has no media", sinceMs: NOW }]);
});

test("media starts the time anew, and the next silence is told again", (context) => {
  const { patience, told, pass } = waiting(context, 20_000);
  pass(15_000);
  patience.strain();
  patience.renew();
  pass(15_000);
  patience.strain();
  assert.deepEqual(told.map((event) => event.type === "waiting" && event.sinceMs), [NOW, NOW + 15_000]);
});

test("the wait ends with an error that is final, and says how long it was", (context) => {
  const { patience, pass } = waiting(context, 20_000);
  pass(19_999);
  patience.strain();
  pass(1);
  assert.throws(
    () => patience.strain(),
    (error) => error instanceof KVSConnectionError && error.code === "NO_MEDIA" && !error.retryable && error.message === "the camera sends nothing new; waited 20 s, as long as allowed",
  );
  assert.throws(() => patience.strain("the stream has no media"), /^KVSConnectionError: the stream has no media; waited 20 s/);
});

test("no wait at all ends at the first silence", (context) => {
  assert.throws(() => waiting(context, 0).patience.strain(), /waited 0 s/);
});

test("without a limit it never ends", (context) => {
  const { patience, pass } = waiting(context, undefined);
  pass(1e12);
  assert.doesNotThrow(() => patience.strain());
});
