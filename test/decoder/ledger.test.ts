import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CodedPictures } from "../../src/core/picture.js";
import { Ledger } from "../../src/decoder/ledger.js";

type Coded = CodedPictures<string>;

/** Pictures of which those with odd numbers are wanted, each called by its number. */
function coded(numbers: readonly number[], more: Partial<Coded> = {}): Coded {
  const wanted = new Map(numbers.map((number) => [number, `p${number}`]));
  const last = Math.max(0, ...numbers);
  return { bytes: [], numbers, wanted, leaning: new Map(), first: 0, last, ...more };
}

function ledgerOf(numbers: readonly number[], more: Partial<Coded> = {}): Ledger<string> {
  const ledger = new Ledger<string>();
  ledger.add(coded(numbers, more));
  assert.deepEqual(lostOf(ledger), []);
  return ledger;
}

function lostOf(ledger: Ledger<string>): string[] {
  const lost: string[] = [];
  ledger.reportLost((values) => lost.push(...values));
  return lost;
}

/** What comes out, with what is lost by then. */
function settle(ledger: Ledger<string>, number: number): { given: string[]; lost: string[] } | undefined {
  const given = ledger.settle(number);
  return given && { given, lost: lostOf(ledger) };
}

describe("a ledger", () => {
  test("gives what was owed under a number, once", () => {
    const ledger = ledgerOf([1, 3]);
    assert.deepEqual(settle(ledger, 1), { given: ["p1"], lost: [] });
    assert.equal(settle(ledger, 1), undefined);
    assert.deepEqual(settle(ledger, 3), { given: ["p3"], lost: [] });
    assert.equal(settle(ledger, 5), undefined);
  });

  test("gives what is owed in whatever order it comes", () => {
    const ledger = ledgerOf([1, 3, 5]);
    assert.deepEqual(settle(ledger, 5), { given: ["p5"], lost: [] });
    assert.deepEqual(settle(ledger, 1), { given: ["p1"], lost: [] });
    assert.deepEqual(ledger.owed, ["p3"]);
    assert.deepEqual(settle(ledger, 3), { given: ["p3"], lost: [] });
    assert.deepEqual(ledger.owed, []);
  });

  test("gives nothing for a picture that is not wanted any more, once, and owes the others", () => {
    const ledger = ledgerOf([5, 7], { numbers: [0, 3, 5, 7] });
    assert.deepEqual(settle(ledger, 3), { given: [], lost: [] });
    assert.equal(settle(ledger, 3), undefined);
    assert.deepEqual(settle(ledger, 5), { given: ["p5"], lost: [] });
    assert.equal(settle(ledger, 0), undefined, "nobody ever wanted it");
    assert.deepEqual(ledger.owed, ["p7"]);
  });

  test("counts as lost what is passed over by more than a decoder holds back, which may yet come", () => {
    const ledger = ledgerOf([1, 3]);
    ledger.add(coded([35, 37], { first: 4 }));
    assert.deepEqual(settle(ledger, 35), { given: ["p35"], lost: [] });
    assert.deepEqual(settle(ledger, 37), { given: ["p37"], lost: ["p1"] });
    assert.deepEqual(ledger.owed, ["p3"]);
    assert.deepEqual(settle(ledger, 1), { given: [], lost: [] });
    assert.equal(settle(ledger, 1), undefined);
  });

  test("counts as lost all that is passed over by a decoder that holds nothing back", () => {
    const ledger = new Ledger<string>(0);
    ledger.add(coded([1, 3, 5]));
    ledger.add(coded([7], { first: 6 }));
    assert.deepEqual(settle(ledger, 7), { given: ["p7"], lost: ["p1", "p3", "p5"] });
  });

  test("gives up at once what leans on more than the decoder was given", () => {
    const leaning = new Map([[21, 10], [23, 20]]);
    const pictures = coded([21, 23, 25], { leaning, first: 20 });
    const ledger = new Ledger<string>();
    ledger.add(pictures);
    assert.deepEqual(lostOf(ledger), ["p21"]);
    assert.deepEqual(ledger.owed, ["p23", "p25"]);
    assert.deepEqual(settle(ledger, 21), { given: [], lost: [] });
    const begun = ledgerOf([11], { first: 10 });
    begun.add(pictures);
    assert.deepEqual(lostOf(begun), [], "decoding began with what it leans on");
  });

  test("holds a fragment until all that is wanted of it has come out, and those fed after it", () => {
    const ledger = ledgerOf([1, 3]);
    ledger.add(coded([], { last: 4 }));
    ledger.add(coded([5], { last: 6 }));
    const held = () => ledger.inFlight.map(({ wanted }) => [...wanted.values()]);
    assert.deepEqual(held(), [["p1", "p3"], [], ["p5"]]);
    ledger.settle(3);
    assert.deepEqual(held(), [["p1"], [], ["p5"]]);
    ledger.settle(1);
    assert.deepEqual(held(), [["p5"]]);
    ledger.settle(5);
    assert.deepEqual(held(), []);
    ledger.add(coded([], { last: 8 }));
    assert.deepEqual(held(), []);
  });

  test("knows what is owed of pictures: all of those that never went in", () => {
    const pictures = coded([1, 3]);
    const ledger = new Ledger<string>();
    assert.equal(ledger.owedOf(pictures), pictures);
    ledger.add(pictures);
    ledger.settle(3);
    assert.deepEqual([...ledger.owedOf(pictures).wanted.values()], ["p1"]);
    ledger.settle(1);
    assert.deepEqual([...ledger.owedOf(pictures).wanted.values()], []);
  });

  test("shows what the decoder takes and gives, and nothing else", () => {
    const ledger = ledgerOf([1]);
    const before = ledger.sign;
    ledger.settle(3);
    assert.equal(ledger.sign, before);
    ledger.settle(1);
    assert.notEqual(ledger.sign, before);
    const given = ledger.sign;
    ledger.noteTaken();
    assert.notEqual(ledger.sign, given);
  });

  test("shows only what the decoder gives once that owes more than it may hold back", () => {
    const ledger = ledgerOf([1, 3, 41]);
    const before = ledger.sign;
    ledger.noteTaken();
    assert.equal(ledger.sign, before);
    ledger.settle(3);
    assert.notEqual(ledger.sign, before);
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
    assert.equal(ledgerOf([1], { last: 35 }).isOverdue, false);
    assert.equal(ledgerOf([1], { last: 36 }).isOverdue, true);
    assert.equal(ledgerOf([], { last: 1000 }).isOverdue, false);
  });
});
