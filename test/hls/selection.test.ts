import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FragmentRef } from "../../src/core/fragment.js";
import { gapBefore, positionAfter, selectFragments, type Position } from "../../src/hls/selection.js";
import { numberOf } from "../helpers/playlist-text.js";

/** The fragment at a place in a stream of two-second fragments, moved by some milliseconds. */
const at = (place: number, byMs = 0): FragmentRef => ({ number: numberOf(place), startMs: place * 2000 + byMs, durationMs: 2000 });
const places = (fragments: readonly FragmentRef[]): number[] => fragments.map(({ number }) => Number(number.slice(-3)) - 100);
const LIST = [at(3), at(4), at(5), at(6)];
const partly = (place: number): Position => ({ fragment: at(place), untilMs: place * 2000 + 500, isPartial: true });

describe("the fragments to take next", () => {
  test("are the newest alone at the start", () => assert.deepEqual(places(selectFragments(LIST, undefined)), [6]));
  test("are all after the last one taken", () => assert.deepEqual(places(selectFragments(LIST, positionAfter(at(4)))), [5, 6]));
  test("are none when nothing is new, or nothing is listed", () => {
    assert.deepEqual(selectFragments(LIST, positionAfter(at(6))), []);
    assert.deepEqual(selectFragments([], undefined), []);
    assert.deepEqual(selectFragments([], positionAfter(at(6))), []);
  });
  test("begin with one that was taken in part", () => assert.deepEqual(places(selectFragments(LIST, partly(4))), [4, 5, 6]));
  test("are all listed when the list has slid past the position", () => assert.deepEqual(places(selectFragments(LIST, positionAfter(at(0)))), [3, 4, 5, 6]));
  test("are the newest alone when the oldest lags too much", () => {
    assert.deepEqual(places(selectFragments(LIST, positionAfter(at(2)), 5999)), [6]);
    assert.deepEqual(places(selectFragments(LIST, positionAfter(at(2)), 6000)), [3, 4, 5, 6]);
    assert.deepEqual(places(selectFragments(LIST, positionAfter(at(4)), 3000)), [5, 6]);
  });
  test("are told apart by the last of 47 digits even when the clock stands still", () => {
    const frozen = LIST.map((fragment) => ({ ...fragment, startMs: 0 }));
    assert.deepEqual(places(selectFragments(frozen, positionAfter(frozen[1] ?? at(4)))), [5, 6]);
  });
});

describe("a gap", () => {
  test("is what the list has slid past", () => {
    assert.deepEqual(gapBefore(at(5), positionAfter(at(2)), [at(5), at(6)]), { fromMs: 6000, toMs: 10_000, cause: "window" });
  });
  test("is the camera's when the last fragment taken is still listed", () => {
    assert.deepEqual(gapBefore(at(5), positionAfter(at(2)), [at(2), at(5)]), { fromMs: 6000, toMs: 10_000, cause: "offline" });
  });
  test("is ours when fragments in between were passed over", () => {
    assert.deepEqual(gapBefore(at(6), positionAfter(at(2)), LIST), { fromMs: 6000, toMs: 12_000, cause: "lag" });
  });
  test("is not what clocks differ by: 50 ms", () => {
    assert.equal(gapBefore(at(4, 50), positionAfter(at(3)), LIST), undefined);
    assert.deepEqual(gapBefore(at(4, 51), positionAfter(at(3)), LIST)?.toMs, 8051);
  });
  test("is not there at the start, in an overlap, or in a fragment taken in part", () => {
    assert.equal(gapBefore(at(4), undefined, LIST), undefined);
    assert.equal(gapBefore(at(4, -800), positionAfter(at(3)), LIST), undefined);
    assert.equal(gapBefore(at(4), { ...partly(4), untilMs: 1000 }, LIST), undefined);
  });
  test("reaches from the last picture taken when the rest of its fragment is gone", () => {
    assert.deepEqual(gapBefore(at(5), partly(2), [at(5)]), { fromMs: 4500, toMs: 10_000, cause: "window" });
  });
});
