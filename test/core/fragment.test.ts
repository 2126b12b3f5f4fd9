import assert from "node:assert/strict";
import { test } from "node:test";
import { compareFragments, type FragmentRef } from "../../src/core/fragment.js";

const ref = (number: string, startMs = 0): FragmentRef => ({ number, startMs, durationMs: 2000 });
const LONG = "9134385233318000000000000000000000000000000010";

test("numbers of 47 digits that differ in the last one are told apart", () => {
  assert.equal(compareFragments(ref(`${LONG}1`), ref(`${LONG}2`)), -1);
  assert.equal(compareFragments(ref(`${LONG}2`), ref(`${LONG}1`)), 1);
  assert.equal(compareFragments(ref(`${LONG}1`), ref(`${LONG}1`)), 0);
});

test("long numbers say the order whatever the camera's clock said", () => {
  assert.equal(compareFragments(ref(`${LONG}1`, 9000), ref(`${LONG}2`, 1000)), -1);
});

test("a longer number is larger: they are numbers, not texts", () => {
  assert.equal(compareFragments(ref("9".repeat(46)), ref(`1${"0".repeat(46)}`)), -1);
});

test("short session indexes mean nothing, so the time says the order", () => {
  assert.equal(compareFragments(ref("7", 1000), ref("2", 3000)), -1);
  assert.equal(compareFragments(ref("0", 3000), ref("9", 1000)), 1);
  assert.equal(compareFragments(ref("1", 1000), ref("5", 1000)), 0);
  assert.equal(compareFragments(ref(`${LONG}1`, 3000), ref("2", 1000)), 1);
});

test("what is no number is ordered by time too", () => {
  assert.equal(compareFragments(ref("x".repeat(47), 1000), ref(`${LONG}1`, 2000)), -1);
});
