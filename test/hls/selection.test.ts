import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FragmentRef } from "../../src/core/fragment.js";
import { fragmentsAfter, gapsBefore, mayMissBefore, positionAfter, selectFragments, type Position } from "../../src/hls/selection.js";
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
  test("lag by the footage between, not by a clock that was set ahead", () => {
    const stepped = [at(3), at(4), at(5, 60_000), at(6, 60_000)];
    assert.deepEqual(places(selectFragments(stepped, positionAfter(at(2)), 10_000)), [3, 4, 5, 6]);
  });
  test("are told apart by the last of 47 digits even when the clock stands still", () => {
    const frozen = LIST.map((fragment) => ({ ...fragment, startMs: 0 }));
    assert.deepEqual(places(selectFragments(frozen, positionAfter(frozen[1] ?? at(4)))), [5, 6]);
  });
});

describe("a gap", () => {
  test("reaches from the end of the last fragment to the start of the next, with its cause", () => {
    assert.deepEqual(gapsBefore(at(5), positionAfter(at(2)), "window"), [{ fromMs: 6000, toMs: 10_000, cause: "window" }]);
  });
  test("is not what clocks differ by: 50 ms", () => {
    assert.deepEqual(gapsBefore(at(4, 50), positionAfter(at(3)), "offline"), []);
    assert.equal(gapsBefore(at(4, 51), positionAfter(at(3)), "offline")[0]?.toMs, 8051);
  });
  test("is not there at the start, in an overlap, or in a fragment taken in part", () => {
    assert.deepEqual(gapsBefore(at(4), undefined, "window"), []);
    assert.deepEqual(gapsBefore(at(4, -800), positionAfter(at(3)), "window"), []);
    assert.deepEqual(gapsBefore(at(4), { ...partly(4), untilMs: 1000 }, "window"), []);
  });
  test("reaches from the last picture taken when the rest of its fragment is gone", () => {
    assert.deepEqual(gapsBefore(at(5), partly(2), "window"), [{ fromMs: 4500, toMs: 10_000, cause: "window" }]);
  });
  test("is in two parts where the service threw away the first", () => {
    const parts = gapsBefore(at(5), positionAfter(at(2)), "offline", 7000);
    assert.deepEqual(parts, [{ fromMs: 6000, toMs: 7000, cause: "window" }, { fromMs: 7000, toMs: 10_000, cause: "offline" }]);
    assert.deepEqual(gapsBefore(at(5), positionAfter(at(2)), "offline", 99_000), [{ fromMs: 6000, toMs: 10_000, cause: "window" }]);
  });
});

describe("fragments between the position and the next one", () => {
  test("cannot have been missed while the last one taken is listed, whatever the clock says", () => {
    assert.equal(mayMissBefore(at(5, 60_000), positionAfter(at(4)), LIST), false);
  });
  test("may have been missed when the list has slid past it, even without a hole in time", () => {
    assert.equal(mayMissBefore(at(3), positionAfter(at(2)), LIST), true);
    assert.equal(mayMissBefore(at(3, -60_000), positionAfter(at(2)), LIST), true);
  });
  test("and the rest of one taken in part are missed when it is no longer listed", () => {
    assert.equal(mayMissBefore(at(3), partly(2), LIST), true);
    assert.equal(mayMissBefore(at(4), partly(4), LIST), false);
  });
});

test("the fragments after a position are in order of ingest, however they are listed", () => {
  assert.deepEqual(places(fragmentsAfter([...LIST].reverse(), positionAfter(at(4)))), [5, 6]);
});

test("the fragments after a position begin with one that was taken in part", () => {
  assert.deepEqual(places(fragmentsAfter(LIST, partly(5))), [5, 6]);
  assert.deepEqual(places(fragmentsAfter(LIST, positionAfter(at(5)))), [6]);
  assert.deepEqual(places(fragmentsAfter(LIST, undefined)), [3, 4, 5, 6]);
});
