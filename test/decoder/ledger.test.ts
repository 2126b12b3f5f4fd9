import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Ledger } from "../../src/decoder/ledger.js";

const ledgerOf = (numbers: readonly number[], last = Math.max(0, ...numbers)): Ledger<string> => {
  const ledger = new Ledger<string>();
  ledger.add({ bytes: [], numbers: [], wanted: new Map(numbers.map((number) => [number, `p${number}`])), last });
  return ledger;
};

describe("a ledger", () => {
  test("gives what was owed under a number, once", () => {
    const ledger = ledgerOf([1, 3]);
    assert.deepEqual(ledger.settle(1), { given: ["p1"], lost: [] });
    assert.equal(ledger.settle(1), undefined);
    assert.deepEqual(ledger.settle(3), { given: ["p3"], lost: [] });
    assert.equal(ledger.settle(5), undefined);
  });

  test("gives nothing for a picture that is not owed any more, and owes the others as before", () => {
    const ledger = ledgerOf([5, 7]);
    assert.deepEqual(ledger.settle(3), { given: [], lost: [] });
    assert.deepEqual(ledger.settle(5), { given: ["p5"], lost: [] });
    assert.equal(ledger.settle(3), undefined);
  });

  test("counts as lost what is passed over, across fragments", () => {
    const ledger = ledgerOf([1, 3]);
    ledger.add({ bytes: [], numbers: [], wanted: new Map([[5, "p5"], [7, "p7"]]), last: 8 });
    assert.deepEqual(ledger.settle(5), { given: ["p5"], lost: ["p1", "p3"] });
  });

  test("holds a fragment until all that is wanted of it has come out, and those fed after it", () => {
    const ledger = ledgerOf([1, 3]);
    ledger.add({ bytes: [], numbers: [], wanted: new Map(), last: 4 });
    ledger.add({ bytes: [], numbers: [], wanted: new Map([[5, "p5"]]), last: 6 });
    const held = () => ledger.inFlight.map(({ wanted }) => [...wanted.values()]);
    assert.deepEqual(held(), [["p1", "p3"], [], ["p5"]]);
    ledger.settle(1);
    assert.deepEqual(held(), [["p3"], [], ["p5"]]);
    ledger.settle(3);
    assert.deepEqual(held(), [["p5"]]);
    ledger.settle(5);
    assert.deepEqual(held(), []);
    ledger.add({ bytes: [], numbers: [], wanted: new Map(), last: 8 });
    assert.deepEqual(held(), []);
  });

  test("counts what it is given as progress, and nothing else", () => {
    const ledger = ledgerOf([1]);
    ledger.settle(3);
    assert.equal(ledger.progress, 0);
    ledger.settle(1);
    assert.equal(ledger.progress, 1);
  });

  test("is overdue while bytes are not taken, and after the end", () => {
    const ledger = ledgerOf([]);
    assert.equal(ledger.isOverdue, false);
    ledger.isFeeding = true;
    assert.equal(ledger.isOverdue, true);
    ledger.isFeeding = false;
    ledger.isEnded = true;
    assert.equal(ledger.isOverdue, true);
  });

  test("is overdue once a wanted picture is followed by more than a decoder may keep back", () => {
    assert.equal(ledgerOf([1], 35).isOverdue, false);
    assert.equal(ledgerOf([1], 36).isOverdue, true);
    assert.equal(ledgerOf([], 1000).isOverdue, false);
  });
});
