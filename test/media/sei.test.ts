import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { recoveryCountIn } from "../../src/media/sei.js";
import { nal, se, ue } from "../helpers/bits.js";

/** A message of a type, with its size. */
const message = (type: number, ...payload: readonly number[]): readonly number[] => [type, payload.length, ...payload];
const sei = (...bytes: readonly number[]): Buffer => Buffer.from([0x06, ...bytes, 0x80]);
const recovery = (bits: string): readonly number[] =>
  message(6, ...nal([], bits.padEnd(8 * Math.ceil(bits.length / 8), "0")));

describe("recovery count:", () => {
  test("is that of a recovery point", () => {
    for (const count of [0, 1, 5, 29, 300]) {
      assert.equal(recoveryCountIn(sei(...recovery(`${ue(count)}1001`)), "h264"), count);
    }
  });

  test("is signed in H.265", () => {
    for (const count of [0, 1, -1, 8, -16]) {
      const bytes = Buffer.from([0x4e, 1, ...recovery(`${se(count)}101`), 0x80]);
      assert.equal(recoveryCountIn(bytes, "h265"), count);
    }
  });

  test("is found behind other messages, also long ones", () => {
    const long = [5, 255, 45, ...Array<number>(300).fill(7)];
    assert.equal(recoveryCountIn(sei(...message(1, 9), ...long, ...recovery(`${ue(3)}1`)), "h264"), 3);
    assert.equal(recoveryCountIn(sei(255, 1, 1, 6, ...recovery(`${ue(3)}1`)), "h264"), 3);
  });

  test("is read without the bytes that prevent a start code", () => {
    assert.equal(recoveryCountIn(sei(5, 3, 0, 0, 3, 1, ...recovery(`${ue(2)}1`)), "h264"), 2);
  });

  test("is none when no message says it", () => {
    assert.equal(recoveryCountIn(sei(...message(5, 6, 1, 2)), "h264"), undefined);
    assert.equal(recoveryCountIn(Buffer.from([0x06]), "h264"), undefined);
    assert.equal(recoveryCountIn(Buffer.alloc(0), "h264"), undefined);
  });

  test("is none when the message is cut or empty", () => {
    assert.equal(recoveryCountIn(sei(6, 0), "h264"), undefined);
    assert.equal(recoveryCountIn(sei(6, 1, 0), "h264"), undefined);
    assert.equal(recoveryCountIn(Buffer.from([0x06, 5, 200, 1, 6, 1, 0x80]), "h264"), undefined);
    assert.equal(recoveryCountIn(Buffer.alloc(10_000, 0xff), "h264"), undefined);
  });
});
