import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Intake } from "../../src/decoder/intake.js";

/** Gives these, then fails, and notes that it was closed. */
async function* failingAfter(values: readonly number[], closed: string[]): AsyncGenerator<number> {
  try {
    for (const value of values) yield await Promise.resolve(value);
    throw new Error("no more");
  } finally {
    closed.push("closed");
  }
}

describe("an intake", () => {
  test("shows the same thing to all who look, until it is taken", async () => {
    const intake = new Intake(failingAfter([1, 2], []));
    assert.deepEqual(await Promise.all([intake.peek(), intake.peek()]), [{ done: false, value: 1 }, { done: false, value: 1 }]);
    intake.shift();
    assert.deepEqual(await intake.peek(), { done: false, value: 2 });
  });

  test("tells its input's failure to all who look", async () => {
    const intake = new Intake(failingAfter([], []));
    await assert.rejects(intake.peek(), /no more/);
    await assert.rejects(intake.peek(), /no more/);
  });

  test("closes an input that has more to give", async () => {
    const closed: string[] = [];
    const intake = new Intake(failingAfter([1, 2], closed));
    await intake.peek();
    await intake.close();
    assert.deepEqual(closed, ["closed"]);
  });
});
