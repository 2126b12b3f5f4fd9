import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FragmentRef } from "../../src/core/fragment.js";
import { Coverage, type Fingerprint } from "../../src/source/coverage.js";
import { numberOf } from "../helpers/playlist-text.js";

const print = (text: string): Fingerprint => ({ beginning: text, whole: text });
const at = (place: number, startMs: number, durationMs = 1000): FragmentRef => ({ number: numberOf(place), startMs, durationMs });

function covering(...refs: FragmentRef[]): Coverage {
  const coverage = new Coverage();
  for (const ref of refs) coverage.add(ref, print(`print ${ref.startMs}`));
  return coverage;
}

describe("footage that was taken", () => {
  test("is a repetition under another number, with the same start and the same pictures", () => {
    const coverage = covering(at(1, 5000));
    assert.equal(coverage.isRepeat(at(9, 5000), print("print 5000")), true);
    assert.equal(coverage.isRepeat(at(1, 5000), print("print 5000")), false, "the fragment itself, read again");
    assert.equal(coverage.isRepeat(at(9, 5000), print("other")), false, "a clock that was set back");
    assert.equal(coverage.isRepeat(at(9, 5001), print("print 5000")), false);
  });

  test("of which only the beginning was fetched, the first or the second time, is known by that", () => {
    for (const [first, second] of [[undefined, "all"], ["all", undefined], [undefined, undefined]] as const) {
      const coverage = new Coverage();
      coverage.add(at(1, 5000), { beginning: "key", whole: first });
      assert.equal(coverage.isRepeat(at(9, 5000), { beginning: "key", whole: second }), true);
      assert.equal(coverage.isRepeat(at(9, 5000), { beginning: "other", whole: second }), false);
    }
  });

  test("that came damaged is no repetition of what comes whole later", () => {
    const coverage = new Coverage();
    coverage.add(at(1, 5000), { beginning: "key", whole: "damaged" });
    assert.equal(coverage.isRepeat(at(9, 5000), { beginning: "key", whole: "clean" }), false);
  });

  test("is forgotten when it did not reach the user", () => {
    const coverage = covering(at(1, 5000), at(2, 6000));
    coverage.forgetAfter(at(1, 5000));
    assert.equal(coverage.isRepeat(at(9, 6000), print("print 6000")), false);
    assert.equal(coverage.isRepeat(at(9, 5000), print("print 5000")), true);
    coverage.forgetAfter(undefined);
    assert.equal(coverage.isRepeat(at(9, 5000), print("print 5000")), false);
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
    for (let place = 0; place <= 6000; place++) coverage.add(at(place, place * 1000), print("same"));
    assert.equal(coverage.isRepeat(at(99_999, 6_000_000), print("same")), true);
    assert.equal(coverage.isRepeat(at(99_999, 4_100_000), print("same")), true);
    assert.equal(coverage.isRepeat(at(99_999, 1000), print("same")), false);
  });
});
