import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { neededFor, ReferenceState } from "../../src/media/dependencies.js";
import type { FaultySample } from "../../src/media/faulty-sample.js";
import { OPEN, picturesLike, RESET, type PictureParts } from "../helpers/coded.js";

const p = (order: number, more: Partial<PictureParts> = {}): PictureParts => ({ order, ...more });
const b = (order: number, more: Partial<PictureParts> = {}): PictureParts => ({ order, isDisposable: true, ...more });
const rasl = (order: number): PictureParts => ({ order, codec: "h265", isSkippedLeading: true });
const radl = (order: number): PictureParts => ({ order, codec: "h265", isDecodableLeading: true });

describe("needed: for some pictures", () => {
  const needed = (wanted: readonly number[], parts: readonly PictureParts[], isFed?: readonly boolean[]): number[] =>
    neededFor(new Set(wanted), picturesLike(parts), isFed ?? parts.map(() => true));

  test("is what others reference, from the reset before each up to it", () => {
    const chain = [p(0, RESET), p(3), b(1), b(2), p(6), b(4), b(5), p(7, RESET), p(9), b(8)];
    assert.deepEqual(needed([0], chain), [0]);
    assert.deepEqual(needed([1], chain), [0, 1]);
    assert.deepEqual(needed([3], chain), [0, 1, 3]);
    assert.deepEqual(needed([3, 4], chain), [0, 1, 3, 4]);
    assert.deepEqual(needed([8], chain), [7, 8]);
    assert.deepEqual(needed([6, 7], chain), [0, 1, 4, 6, 7]);
    assert.deepEqual(needed([0, 7], chain), [0, 7]);
    assert.deepEqual(needed([...chain.keys()], chain), [...chain.keys()]);
    assert.deepEqual(needed([], chain), []);
  });

  test("goes back to the beginning when none of them is a reset", () => {
    const chain = [p(0, OPEN), p(1), b(2), p(3, OPEN), p(4)];
    assert.deepEqual(needed([4], chain), [0, 1, 3, 4]);
  });

  test("has disposable pictures of all but the top layer", () => {
    const chain = [p(0, RESET), p(4), b(2, { layer: 1 }), b(1, { layer: 2 }), b(3, { layer: 2 }), p(5)];
    assert.deepEqual(needed([5], chain), [0, 1, 2, 5]);
    assert.deepEqual(needed([4], chain), [0, 1, 2, 4]);
  });

  test("has no leading pictures of an open group, unless one is wanted", () => {
    const chain = [p(0, RESET), p(1), p(4, OPEN), rasl(2), rasl(3), p(5)];
    assert.deepEqual(needed([5], chain), [0, 1, 2, 5]);
    assert.deepEqual(needed([4], chain), [0, 1, 2, 3, 4]);
  });

  test("has nothing that cannot be fed", () => {
    const chain = [p(1), p(2, OPEN), b(0), p(3)];
    assert.deepEqual(needed([3], chain, [false, true, false, true]), [1, 3]);
  });
});

describe("references:", () => {
  const lost = (...positions: readonly number[]): FaultySample[] =>
    positions.map((position) => ({ index: position, position, fault: "damage", isDisposable: false }));
  /** What is right, what can only be fed (~), and what cannot (-), fragment by fragment. */
  function followed(fragments: readonly (readonly [readonly PictureParts[], FaultySample[]?])[], state = new ReferenceState()): string[] {
    return fragments.map(([parts, faulty = []]) => {
      const { isRight, canBeFed } = state.follow(picturesLike(parts), faulty);
      assert.equal(isRight.length, parts.length);
      return isRight.map((right, at) => (right ? "+" : canBeFed[at] ? "~" : "-")).join("");
    });
  }

  test("all is right from a reset on", () => {
    const group = [p(0, RESET), p(3), b(1), b(2)];
    assert.deepEqual(followed([[group], [group], [[]]]), ["++++", "++++", ""]);
  });

  test("nothing is right before decoding can begin", () => {
    assert.deepEqual(followed([[[p(0), p(1)]], [[p(0), p(1, OPEN), p(2)]]]), ["--", "-++"]);
  });

  test("what precedes the key frame that it follows is wrong when decoding begins there", () => {
    const group = [p(2, OPEN), b(0), b(1), p(3)];
    assert.deepEqual(followed([[group], [group]]), ["+--+", "++++"]);
  });

  test("RASL pictures are wrong and RADL pictures right when decoding begins there", () => {
    const group = [p(3, { ...OPEN, codec: "h265", orderLsb: 8 }), rasl(0), radl(1), rasl(2), p(4, { codec: "h265", orderLsb: 9 })];
    assert.deepEqual(followed([[group]]), ["+-+-+"]);
    const before = [p(0, { ...RESET, codec: "h265", orderLsb: 4 })];
    assert.deepEqual(followed([[before], [group]]), ["+", "+++++"]);
  });

  test("RADL pictures of a reset are right", () => {
    assert.deepEqual(followed([[[p(2, { ...RESET, codec: "h265" }), radl(0), radl(1)]]]), ["+++"]);
  });

  test("a gradual refresh is right from its end on, and must be fed from its beginning", () => {
    const frames = [0, 1, 2, 3, 4].map((frameNum) => p(frameNum, { frameNum }));
    const refresh = { ...frames[0]!, recoversAfter: 3 };
    assert.deepEqual(followed([[[p(0), { ...refresh, order: 1 }, ...frames.slice(1).map((each) => ({ ...each, order: each.order + 1 }))]]]), ["-~~~++"]);
    assert.deepEqual(followed([[frames]]), ["-----"]);
    assert.deepEqual(followed([[[{ ...refresh, recoversAfter: 0 }, ...frames.slice(1)]]]), ["+++++"]);
    assert.deepEqual(followed([[[{ ...refresh, recoversAfter: -1 }, ...frames.slice(1)]]]), ["-----"]);
  });

  test("a gradual refresh counts frame numbers, not pictures", () => {
    const nums = [14, 15, 15, 0, 0, 1, 1];
    const pictures = nums.map((frameNum, order) => p(order, { frameNum, ...(order === 0 ? { recoversAfter: 3 } : {}) }));
    assert.deepEqual(followed([[pictures]]), ["~~~~~++"]);
  });

  test("a gradual refresh counts pictures of H.265", () => {
    const pictures = [0, 1, 2, 3].map((order) =>
      p(order, { codec: "h265", frameNumRange: 1, orderLsb: order, ...(order === 0 ? { recoversAfter: 2 } : {}) }));
    assert.deepEqual(followed([[pictures]]), ["~~++"]);
  });

  test("a gradual refresh goes on over the border of a fragment", () => {
    const [first, ...others] = [0, 1, 2, 3].map((frameNum) => p(0, { frameNum }));
    const fragments = [{ ...first!, recoversAfter: 2 }, ...others].map((each) => [[each]] as const);
    assert.deepEqual(followed(fragments), ["~", "~", "+", "+"]);
  });

  test("a second refresh under way does not put off the first", () => {
    const pictures = [0, 1, 2, 3].map((frameNum) => p(frameNum, { frameNum, recoversAfter: 2 }));
    assert.deepEqual(followed([[pictures]]), ["~~++"]);
  });

  test("a loss makes wrong what follows it, up to where decoding can begin", () => {
    const group = [p(0, RESET), p(1), p(2), p(3)];
    assert.deepEqual(followed([[group, lost(2)], [group]]), ["++--", "++++"]);
    assert.deepEqual(followed([[group, lost(0)]]), ["++++"]);
    assert.deepEqual(followed([[[p(0, RESET), p(1), p(3, OPEN), b(2), p(4)], lost(1)]]), ["+-+-+"]);
    assert.deepEqual(followed([[group, lost(1, 3)]]), ["+---"]);
  });

  test("a loss that no other picture references makes nothing wrong", () => {
    const group = [p(0, RESET), p(1), p(2)];
    assert.deepEqual(followed([[group, lost(1).map((sample) => ({ ...sample, isDisposable: true }))]]), ["+++"]);
  });

  test("a loss at the end makes wrong what follows in the next fragment", () => {
    const open = [p(1, OPEN), b(0), p(2)];
    assert.deepEqual(followed([[[p(0, RESET)], lost(1)], [open]]), ["+", "+-+"]);
    assert.deepEqual(followed([[[p(0, RESET)], lost(1)], [[p(0), p(1)]]]), ["+", "--"]);
  });

  test("a loss ends a gradual refresh", () => {
    const pictures = [0, 1, 2, 3].map((frameNum) => p(frameNum, { frameNum, ...(frameNum === 0 ? { recoversAfter: 2 } : {}) }));
    assert.deepEqual(followed([[pictures, lost(1)]]), ["~---"]);
  });

  test("output order counts on from fragment to fragment", () => {
    assert.deepEqual(followed([[[p(0), p(1)]], [[p(1, OPEN), b(0)]], [[p(1), b(0)]]]), ["--", "+-", "++"]);
  });

  test("one that goes on by itself changes nothing of the other", () => {
    const state = new ReferenceState();
    followed([[[p(0, RESET)]]], state);
    const other = state.clone();
    assert.deepEqual(followed([[[p(0)], lost(0)], [[p(0)]]], other), ["-", "-"]);
    assert.deepEqual(followed([[[p(0)]]], state), ["+"]);
  });
});

describe("references: a fragment follows the one before", () => {
  /** Whether all is right of a fragment that begins with one picture, after another that ends with some. */
  function joins(before: readonly Partial<PictureParts>[], first: Partial<PictureParts>): boolean {
    const codec = first.codec ?? "h264";
    const state = new ReferenceState();
    state.follow(picturesLike([{ order: 0, codec, ...RESET }, ...before.map((each, at) => ({ order: at + 1, codec, ...each }))]), []);
    return state.follow(picturesLike([{ order: 0, codec, ...first }]), []).isRight[0] === true;
  }

  test("when its frame number is the next, or the same", () => {
    assert.deepEqual([3, 4, 5, 6, 2].map((frameNum) => joins([{ frameNum: 3 }], { frameNum })), [true, true, false, false, false]);
  });

  test("over the end of the range of frame numbers", () => {
    assert.deepEqual([15, 0, 1].map((frameNum) => joins([{ frameNum: 15 }], { frameNum })), [true, true, false]);
  });

  test("whatever the frame numbers of disposable pictures between them", () => {
    assert.ok(joins([{ frameNum: 3 }, { frameNum: 4, isDisposable: true }], { frameNum: 4 }));
    assert.ok(!joins([{ frameNum: 3 }, { frameNum: 4, isDisposable: true }], { frameNum: 5 }));
  });

  test("when it begins with a reset, whatever its numbers", () => {
    assert.ok(joins([{ frameNum: 3 }], { frameNum: 9, ...RESET }));
    assert.ok(joins([{ orderLsb: 3 }], { codec: "h265", orderLsb: 3, ...RESET }));
  });

  test("in H.265 when its order count goes on", () => {
    const cases = [[5, true], [11, true], [4, false], [3, false], [1, false], [12, false], [15, false]] as const;
    for (const [orderLsb, isJoined] of cases) {
      const found = joins([{ orderLsb: 4 }], { codec: "h265", orderLsb });
      assert.equal(found, isJoined, `4, ${orderLsb}`);
    }
  });
});
