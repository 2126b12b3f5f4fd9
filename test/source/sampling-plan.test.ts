import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FragmentRef } from "../../src/core/fragment.js";
import { readSamples, type SampleEntry } from "../../src/media/samples.js";
import { readInitSegment } from "../../src/media/init.js";
import { SamplingPlan, type Choice, type Sampling } from "../../src/source/sampling/plan.js";
import { TickGrid } from "../../src/source/sampling/tick-grid.js";
import { makeClip } from "../helpers/clip.js";
import { randomNumbers } from "../helpers/random-faults.js";

/** On a tick of every grid used here. */
const EPOCH = Date.UTC(2026, 10, 22, 10);
const FRAGMENT_MS = 2000;
const FRAME_MS = 100;
const HEAD_BYTES = 500;
const KEY_BYTES = 9000;
const OTHER_BYTES = 700;

type Flags = "as they are" | "all" | "none";

/** A fragment of pictures 100 ms apart, of which those are key pictures, in their own order. */
/** What a plan chooses of a fragment, whose ticks are then taken. */
function choose(plan: SamplingPlan, ...of: Parameters<SamplingPlan["look"]>): Choice {
  const look = plan.look(...of);
  plan.take(look);
  const { areKeys, picked, bytes } = look;
  return { areKeys, picked, bytes };
}

function table(keys: readonly number[] = [0], { pictures = 20, flags = "as they are" as Flags } = {}): SampleEntry[] {
  let offset = HEAD_BYTES;
  return Array.from({ length: pictures }, (_, index) => {
    const isKey = keys.includes(index);
    const entry = { offset, size: isKey ? KEY_BYTES : OTHER_BYTES, sync: flags === "all" || (flags !== "none" && isKey), ptsMs: index * FRAME_MS, index };
    offset += entry.size;
    return entry;
  });
}

const endOf = (samples: readonly SampleEntry[], index: number): number => samples[index]!.offset + samples[index]!.size;
const total = (samples: readonly SampleEntry[]): number => endOf(samples, samples.length - 1);
const fragment = (place: number, startMs = EPOCH + place * FRAGMENT_MS): FragmentRef => ({ number: String(place), startMs, durationMs: FRAGMENT_MS });
const plan = (sampling: Sampling, fps?: number): SamplingPlan => new SamplingPlan(sampling, fps === undefined ? undefined : new TickGrid(fps));

/** Reads fragments as a reader does: asks what is needed, and chooses from those of which something is. */
function read(of: SamplingPlan, fragments: readonly FragmentRef[], tableOf: (place: number) => readonly SampleEntry[]): { picked: number[]; skipped: number[] } {
  const picked: number[] = [];
  const skipped: number[] = [];
  for (const ref of fragments) {
    const place = Number(ref.number);
    if (of.needOf(ref) === "nothing") skipped.push(place);
    else for (const index of choose(of, tableOf(place), total(tableOf(place)), ref).picked) picked.push(ref.startMs + index * FRAME_MS - EPOCH);
  }
  return { picked, skipped };
}

const many = (count: number): FragmentRef[] => Array.from({ length: count }, (_, place) => fragment(place));

/** The rule, said once more: of each tick the first candidate at or after it. */
function firstAfterTicks(candidates: readonly number[], fps: number): number[] {
  const untilMs = candidates.at(-1)!;
  const ticks = Array.from({ length: Math.floor((untilMs * fps) / 1000) + 1 }, (_, tick) => (tick * 1000) / fps);
  return [...new Set(ticks.map((tick) => candidates.find((time) => time + 0.5 >= tick)!))];
}

describe("a sampling plan", () => {
  test("without a grid needs all of every fragment, in exact and in auto mode", () => {
    for (const sampling of ["exact", "auto"] as const) {
      const every = plan(sampling);
      assert.deepEqual(many(3).map((ref) => every.needOf(ref)), ["whole", "whole", "whole"]);
      const { areKeys, picked, bytes } = choose(every, table(), total(table()), fragment(0));
      assert.deepEqual([areKeys, picked.length, bytes], [false, 20, total(table())]);
    }
  });

  test("for key pictures without a grid picks each, of each fragment", () => {
    const keys = plan("keyframe");
    for (const [place, at] of [[0], [0, 7, 15], [0, 3]].entries()) {
      assert.notEqual(keys.needOf(fragment(place)), "nothing");
      assert.deepEqual(choose(keys, table(at), total(table(at)), fragment(place)), { areKeys: true, picked: at, bytes: endOf(table(at), at.at(-1)!) });
    }
  });

  test("takes the first picture for the only key where the flags say nothing", () => {
    for (const flags of ["all", "none"] as const) {
      assert.deepEqual(choose(plan("keyframe"), table([0, 5], { flags }), 1e6, fragment(0)), { areKeys: true, picked: [0], bytes: HEAD_BYTES + KEY_BYTES });
    }
  });

  test("for one key a fragment needs nothing of those whose key is not the first after a tick", () => {
    const { picked, skipped } = read(plan("keyframe", 0.1), many(21), () => table());
    assert.deepEqual(picked, [0, 10_000, 20_000, 30_000, 40_000]);
    assert.deepEqual(skipped, many(21).map((_, place) => place).filter((place) => place % 5 !== 0));
  });

  test("for exact pictures needs nothing of those that no tick falls into", () => {
    const off = many(30).map(({ number, startMs }): FragmentRef => ({ number, startMs: startMs + 700, durationMs: FRAGMENT_MS }));
    const { picked, skipped } = read(plan("exact", 0.1), off, () => table());
    assert.deepEqual(picked.slice(1), [10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    assert.deepEqual(skipped, [1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18, 20, 21, 22, 23, 25, 26, 27, 28]);
  });

  test("picks the first key at or after each tick, whatever the keys and the rate", () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 200; round++) {
      const keysOf = Array.from({ length: 25 }, () => [0, ...Array.from({ length: 19 }, (_, at) => at + 1).filter(() => random() < 0.2)]);
      const fps = [0.1, 0.25, 0.4, 0.5, 0.7, 1, 2, 5, 20][Math.floor(random() * 9)]!;
      const candidates = keysOf.flatMap((keys, place) => keys.map((at) => place * FRAGMENT_MS + at * FRAME_MS));
      // One that has had a fragment of several keys before: one of them may be the last.
      const prepared = plan("keyframe", fps);
      choose(prepared, table([0, 10]), 1e6, fragment(-1));
      const of = read(prepared, many(25), (place) => table(keysOf[place]));
      const isKnown = keysOf.every((keys) => keys.length > 1);
      const expected = firstAfterTicks(candidates, fps);
      if (isKnown || fps >= 0.5) assert.deepEqual(of.picked, expected, `${fps} a second`);
      assert.equal(new Set(of.picked.map((time) => Math.floor(((time + 0.5) * fps) / 1000))).size, of.picked.length, "one a tick at the most");
    }
  });

  test("in exact mode picks the first picture at or after each tick", () => {
    for (const fps of [0.1, 0.3, 0.5, 1, 1.7, 3, 10, 15]) {
      const candidates = many(25).flatMap((_, place) => table().map(({ ptsMs }) => place * FRAGMENT_MS + ptsMs));
      assert.deepEqual(read(plan("exact", fps), many(25), () => table()).picked, firstAfterTicks(candidates, fps));
    }
  });

  test("of pictures out of order reckons with the one decoded last, not with the one shown last", () => {
    const [first, second, third] = table([0], { pictures: 3 }) as [SampleEntry, SampleEntry, SampleEntry];
    // Decoded 0, 2, 1: to show picture 1, picture 2 must have come.
    const reordered = [first, { ...second, index: 2, ptsMs: 200 }, { ...third, index: 1, ptsMs: 100 }];
    const { picked, bytes } = choose(plan("exact", 10), reordered, 1e6, { ...fragment(0), durationMs: 300 });
    assert.deepEqual([picked, bytes], [[0, 1, 2], third.offset + third.size]);
    const sparse = new SamplingPlan("exact", new TickGrid(5, EPOCH - 1));
    assert.equal(choose(sparse, reordered, 1e6, { ...fragment(0), durationMs: 300 }).bytes, second.offset + second.size);
  });

  test("in auto mode takes keys when they come as often as ticks, but for a hundredth", () => {
    const cases: readonly [keys: number[], intervalMs: number, areKeys: boolean][] = [
      [[0], 2000, true], [[0], 1981, true], [[0], 1978, false], [[0], 10_000, true], [[0], 100, false],
      [[0, 10], 1000, true], [[0, 10], 991, true], [[0, 10], 989, false],
      [[0, 5], 1500, true], [[0, 5], 1484, false], [[0, 15], 1484, false], [[5, 10], 1000, true],
    ];
    for (const [keys, intervalMs, areKeys] of cases) {
      const of = plan("auto", 1000 / intervalMs);
      assert.equal(choose(of, table(keys), 1e6, fragment(0)).areKeys, areKeys, `keys ${keys.join()}, a tick each ${intervalMs} ms`);
    }
    assert.equal(choose(plan("exact", 0.01), table(), 1e6, fragment(0)).areKeys, false);
    assert.equal(choose(plan("keyframe", 100), table(), 1e6, fragment(0)).areKeys, true);
  });

  test("needs something of the first fragment, and picks from it, wherever it lies", () => {
    for (const sampling of ["exact", "keyframe", "auto"] as const) {
      for (const startMs of [EPOCH, EPOCH + 1, EPOCH + 5000, EPOCH + 9999]) {
        const of = plan(sampling, 0.1);
        assert.notEqual(of.needOf(fragment(0, startMs)), "nothing");
        assert.deepEqual(choose(of, table(), 1e6, fragment(0, startMs)).picked.length, 1, `${sampling} at ${startMs - EPOCH}`);
      }
    }
  });

  test("goes on after a clock that was set back by more than fragments overlap", () => {
    for (const sampling of ["exact", "keyframe", "auto"] as const) {
      const of = plan(sampling, 0.5);
      choose(of, table(), 1e6, fragment(100));
      assert.equal(of.needOf(fragment(101, EPOCH + 198_000 - 5000)), "nothing", "a few seconds are what fragments overlap by");
      assert.notEqual(of.needOf(fragment(101, EPOCH + 150_000)), "nothing");
      assert.equal(choose(of, table(), 1e6, fragment(101, EPOCH + 150_000)).picked.length, 1);
      assert.notEqual(of.needOf(fragment(102, EPOCH + 152_000)), "nothing");
    }
  });

  test("foresees what will be needed, and is the same after that", () => {
    const of = plan("keyframe", 0.1);
    choose(of, table(), 1e6, fragment(0));
    const ahead = many(21).slice(1);
    for (let times = 0; times < 2; times++) assert.deepEqual([...of.foresee(ahead)].map(([{ number }]) => number), ["5", "10", "15", "20"]);
    assert.deepEqual(read(of, ahead, () => table()).picked, [10_000, 20_000, 30_000, 40_000]);
    assert.deepEqual([...plan("keyframe", 0.1).foresee(ahead)].map(([{ number }]) => number), ["1"], "with nothing to go by the first only");
    assert.deepEqual([...plan("exact", 0.1).foresee(ahead)].map(([{ number }]) => number), ["1", "4", "9", "14", "19"]);
    const every = plan("auto");
    assert.deepEqual([...every.foresee(many(3))].map(([, need]) => need), ["whole", "whole", "whole"]);
  });

  test("gives a tick back, for the next picture to take", () => {
    const of = plan("keyframe", 0.1);
    choose(of, table(), 1e6, fragment(0));
    choose(of, table(), 1e6, fragment(5));
    assert.equal(of.needOf(fragment(6)), "nothing");
    of.giveBack();
    assert.notEqual(of.needOf(fragment(6)), "nothing");
    assert.deepEqual(choose(of, table(), 1e6, fragment(6)).picked, [0]);
    assert.equal(of.needOf(fragment(7)), "nothing");
    assert.doesNotThrow(() => plan("keyframe").giveBack());
  });

  test("guesses by what the last fragment took, and with nothing to go by that a sample table and a little fit in", () => {
    const guess = (of: SamplingPlan, place: number): number | undefined => {
      const need = of.needOf(fragment(place));
      return typeof need === "object" ? need.guess : undefined;
    };
    const keys = plan("keyframe");
    assert.equal(guess(keys, 0), 16_384);
    choose(keys, table(), 1e6, fragment(0));
    const after = guess(keys, 1)!;
    assert.ok(after > HEAD_BYTES + KEY_BYTES && after < 1.2 * (HEAD_BYTES + KEY_BYTES), String(after));
    choose(keys, table(), HEAD_BYTES + KEY_BYTES + 1, fragment(1));
    assert.equal(guess(keys, 2), Infinity, "of most of a fragment all is asked for");
  });

  test("needs no more of a real fragment than to the end of the last picked picture, as soon as the table has come", async () => {
    const { init, fragments: [bytes = assert.fail()] } = await makeClip({ bFrames: 2, frames: 10 });
    const samples = readSamples(bytes, readInitSegment(init));
    const endInBytes = (index: number): number => {
      const { data } = samples.find((sample) => sample.index === index)!;
      return data.byteOffset - bytes.byteOffset + data.length;
    };
    const tableEnd = bytes.readUInt32BE(0) + 8;
    const ref = { ...fragment(0), durationMs: 1000 };
    for (const [of, index] of [[plan("keyframe"), 0], [plan("keyframe", 1), 0], [plan("exact", 1), 0], [new SamplingPlan("exact", new TickGrid(2, EPOCH + 100)), 5]] as const) {
      const need = of.needOf(ref);
      assert.ok(typeof need === "object");
      for (const there of [0, 8, 100, tableEnd - 1]) assert.ok(need.bytesNeeded(bytes.subarray(0, there), bytes.length, init) > there);
      for (const there of [tableEnd, tableEnd + 1, bytes.length]) assert.equal(need.bytesNeeded(bytes.subarray(0, there), bytes.length, init), endInBytes(index));
      assert.equal(choose(of, samples.map((sample) => ({ ...sample, offset: sample.data.byteOffset - bytes.byteOffset, size: sample.data.length })), bytes.length, ref).bytes, endInBytes(index));
      const broken = Buffer.from(bytes);
      broken.write("xxxx", 4, "latin1");
      broken.writeUInt32BE(3, 0);
      assert.equal(need.bytesNeeded(broken, bytes.length, init), bytes.length, "of what is broken all, for whoever tells");
    }
  });
});
