import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { DecoderError } from "../../src/core/errors.js";
import { Ledger } from "../../src/decoder/ledger.js";
import { Watchdog } from "../../src/decoder/watchdog.js";

const STALL_MS = 1000;

/** Whether the watchdog that the test watches has reason to let it pass. */
let isExcused = false;

/** A watchdog of an overdue ledger, on a clock that the test moves. */
function watching(context: TestContext) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const ledger = new Ledger<string>();
  ledger.isFeeding = true;
  const stalls: DecoderError[] = [];
  const watchdog = new Watchdog(ledger, STALL_MS, { onStall: (error) => stalls.push(error), isExcused: () => isExcused });
  watchdog.isAwaited = true;
  return { ledger, stalls, watchdog, wait: (rounds: number) => context.mock.timers.tick(rounds * STALL_MS) };
}

test("a decoder that does nothing when it should is told of after the time", (context) => {
  const { stalls, wait } = watching(context);
  wait(1);
  assert.equal(stalls.length, 0);
  wait(1);
  assert.deepEqual(stalls.map(({ code, retryable, message }) => [code, retryable, message]), [["FFMPEG_STALLED", true, "ffmpeg made no progress for 1 s"]]);
});

test("a decoder that is held up by others is let be, for as long as it is", (context) => {
  const { stalls, wait } = watching(context);
  isExcused = true;
  wait(5);
  assert.equal(stalls.length, 0);
  isExcused = false;
  wait(1);
  assert.equal(stalls.length, 1);
});

test("it is told of once", async () => {
  const ledger = new Ledger<string>();
  ledger.isFeeding = true;
  let stalls = 0;
  const told = new Promise<void>((resolve) => {
    const onStall = (): void => {
      stalls += 1;
      resolve();
    };
    new Watchdog(ledger, 10, { onStall }).isAwaited = true;
  });
  await told;
  await sleep(100);
  assert.equal(stalls, 1);
});

test("any progress starts the time anew", (context) => {
  const { ledger, stalls, wait } = watching(context);
  for (let round = 0; round < 10; round++) {
    ledger.noteTaken();
    wait(1);
  }
  assert.equal(stalls.length, 0);
});

test("watchdog: tells of a decoder that takes and gives nothing when it owes too much", (context) => {
  const { ledger, stalls, wait } = watching(context);
  ledger.isFeeding = false;
  ledger.add({
    ...{ bytes: [], numbers: [1, 41], leaning: new Map(), first: 0, last: 41 },
    wanted: new Map([[1, "first"], [41, "last"]]),
  });
  for (let round = 0; round < 2; round++) {
    ledger.noteTaken();
    wait(1);
  }
  assert.equal(stalls.length, 1);
});

test("a decoder may stand still while its consumer is busy, or when nothing is due", (context) => {
  const { ledger, stalls, watchdog, wait } = watching(context);
  watchdog.isAwaited = false;
  wait(10);
  watchdog.isAwaited = true;
  ledger.isFeeding = false;
  wait(10);
  assert.equal(stalls.length, 0);
});

test("the time begins when the consumer comes back, not before", (context) => {
  const { stalls, watchdog, wait } = watching(context);
  wait(1);
  watchdog.isAwaited = false;
  wait(1);
  watchdog.isAwaited = true;
  wait(1);
  assert.equal(stalls.length, 0);
  wait(1);
  assert.equal(stalls.length, 1);
});

test("one that is stopped tells nothing", (context) => {
  const { stalls, watchdog, wait } = watching(context);
  watchdog.stop();
  wait(10);
  assert.equal(stalls.length, 0);
});
