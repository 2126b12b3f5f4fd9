import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FragmentRef } from "../../src/core/fragment.js";
import { Coverage } from "../../src/source/coverage.js";
import { numberOf } from "../helpers/playlist-text.js";

const at = (place: number, startMs: number, durationMs = 1000): FragmentRef => ({ number: numberOf(place), startMs, durationMs });

function covering(...refs: FragmentRef[]): Coverage {
  const coverage = new Coverage();
  for (const ref of refs) coverage.add(ref, `print ${ref.startMs}`);
  return coverage;
}

describe("footage that was taken", () => {
  test("is a repetition under another number, with the same start and the same pictures", () => {
    const coverage = covering(at(1, 5000));
    assert.equal(coverage.isRepeat(at(9, 5000), "print 5000"), true);
    assert.equal(coverage.isRepeat(at(1, 5000), "print 5000"), false, "the fragment itself, read again");
    assert.equal(coverage.isRepeat(at(9, 5000), "other"), false, "a clock that was set back");
    assert.equal(coverage.isRepeat(at(9, 5001), "print 5000"), false);
  });

  test("is forgotten when it did not reach the user", () => {
    const coverage = covering(at(1, 5000), at(2, 6000));
    coverage.forgetAfter(at(1, 5000));
    assert.equal(coverage.isRepeat(at(9, 6000), "print 6000"), false);
    assert.equal(coverage.isRepeat(at(9, 5000), "print 5000"), true);
    coverage.forgetAfter(undefined);
    assert.equal(coverage.isRepeat(at(9, 5000), "print 5000"), false);
  });

  test("does not count as missing, though the number before it is of another time", () => {
    const missing = (fromMs: number, toMs: number) => covering(at(1, 0), at(2, 1000), at(3, 2000)).missingFrom({ fromMs, toMs });
    assert.deepEqual(missing(500, 3000), []);
    assert.deepEqual(missing(500, 5000), [{ fromMs: 3000, toMs: 5000 }]);
    assert.deepEqual(missing(-2000, 5000), [{ fromMs: -2000, toMs: 0 }, { fromMs: 3000, toMs: 5000 }]);
    assert.deepEqual(missing(7000, 9000), [{ fromMs: 7000, toMs: 9000 }]);
  });

  test("is missing once, unless what came after it never reached the user", () => {
    const coverage = covering(at(1, 0));
    assert.deepEqual(coverage.missingFrom({ fromMs: 1000, toMs: 5000 }), [{ fromMs: 1000, toMs: 5000 }]);
    assert.deepEqual(coverage.missingFrom({ fromMs: 0, toMs: 6000 }), [{ fromMs: 5000, toMs: 6000 }]);
    coverage.forgetAfter(at(1, 0));
    assert.deepEqual(coverage.missingFrom({ fromMs: 1000, toMs: 5000 }), [{ fromMs: 1000, toMs: 5000 }]);
  });

  test("leaves no gap of less than 50 ms", () => {
    assert.deepEqual(covering(at(1, 0)).missingFrom({ fromMs: 0, toMs: 1050 }), []);
    assert.deepEqual(covering(at(1, 0)).missingFrom({ fromMs: 0, toMs: 1051 }), [{ fromMs: 1000, toMs: 1051 }]);
  });

  test("is remembered for a long time, and no longer", () => {
    const coverage = new Coverage();
    for (let place = 0; place <= 6000; place++) coverage.add(at(place, place * 1000), "same");
    assert.equal(coverage.isRepeat(at(99_999, 6_000_000), "same"), true);
    assert.equal(coverage.isRepeat(at(99_999, 4_100_000), "same"), true);
    assert.equal(coverage.isRepeat(at(99_999, 1000), "same"), false);
  });
});
