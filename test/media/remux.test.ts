import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { CodedPictures } from "../../src/core/picture.js";
import { Remuxer } from "../../src/media/remux.js";
import { makeClip, type Clip, type ClipOptions } from "../helpers/clip.js";
import { readClip, setupOf } from "../helpers/coded.js";

const run = promisify(execFile);
const ALL = new Map(Array.from({ length: 100 }, (_, index) => [index, index] as const));

/** MD5 of every decoded picture, in order of presentation. */
async function pictures(mp4: Buffer): Promise<string[]> {
  const running = run("ffmpeg", ["-v", "error", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
  running.child.stdin?.end(mp4);
  const { stdout } = await running;
  return stdout.split("\n").filter((line) => /^\d/.test(line)).map((line) => line.split(",").at(-1)?.trim() ?? "");
}

const remuxed = (clip: Clip, remuxer = new Remuxer()): CodedPictures<number>[] =>
  readClip(clip).map((samples) => remuxer.write(samples, new Map([...ALL].slice(0, samples.length))));

const joined = (clip: Clip, written: readonly CodedPictures<number>[]): Buffer =>
  Buffer.concat([setupOf(clip).bytes, ...written.flatMap(({ bytes }) => bytes)]);

/** What the rewritten fragment says of its samples, read from its bytes. */
function timesOf({ bytes }: CodedPictures<unknown>): { dts: number; pts: number }[] {
  const whole = Buffer.concat(bytes);
  const decodeTime = Number(whole.readBigUInt64BE(whole.indexOf("tfdt", 0, "latin1") + 8));
  const trun = whole.indexOf("trun", 0, "latin1");
  let dts = decodeTime;
  return Array.from({ length: whole.readUInt32BE(trun + 8) }, (_, position) => {
    const at = trun + 16 + 16 * position;
    const times = { dts, pts: dts + whole.readUInt32BE(at + 12) };
    dts += whole.readUInt32BE(at);
    return times;
  });
}

const SORTS: readonly [string, ClipOptions][] = [
  ["H.264 without B-frames", { bFrames: 0 }],
  ["H.264 with B-frames", { bFrames: 3 }],
  ["H.265 with B-frames", { codec: "libx265", bFrames: 3 }],
];

for (const [name, options] of SORTS) {
  test(`rewritten fragments of ${name} decode to the same pixels`, async () => {
    const clip = await makeClip({ ...options, frames: 25 });
    const original = await pictures(clip.whole);
    assert.equal(original.length, 25);
    assert.ok(new Set(original).size > 20, "the pictures must differ to show a wrong order");
    assert.deepEqual(await pictures(joined(clip, remuxed(clip))), original);
  });
}

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

describe("remux:", async () => {
  const clip = await makeClip({ frames: 30, bFrames: 3 });
  const [samples = [], second = []] = readClip(clip);

  test("all samples of a fragment have one decoding time, which only goes forward", () => {
    const written = remuxed(clip);
    const times = written.map(timesOf);
    assert.equal(times.flat().length, 30);
    for (const [fragment, each] of times.entries()) {
      const from = written[fragment]?.first ?? -1;
      assert.deepEqual(new Set(each.map(({ dts }) => dts)), new Set([from]));
      for (const { pts } of each) assert.ok(pts >= from, `${pts} is presented before ${from}`);
      const before = times[fragment - 1]?.map(({ pts }) => pts) ?? [-1];
      assert.ok(from > Math.max(...before), `${from} does not follow ${before.join()}`);
    }
    assert.equal(new Set(times.flat().map(({ pts }) => pts)).size, 30);
  });

  test("the timeline goes on when the same fragments come again, from a new session", () => {
    const remuxer = new Remuxer();
    const written = [...remuxed(clip, remuxer), ...remuxed(clip, remuxer)];
    const times = written.flatMap(timesOf);
    assert.deepEqual(times.map(({ dts }) => dts), sorted(times.map(({ dts }) => dts)));
    assert.equal(new Set(times.map(({ pts }) => pts)).size, 60);
  });

  test("what it says of samples is what its bytes say", () => {
    for (const written of remuxed(clip)) {
      assert.deepEqual(written.numbers, timesOf(written).map(({ pts }) => pts));
      assert.deepEqual(written.last, Math.max(...written.numbers));
      assert.equal(written.leaning.size, 0);
    }
  });

  test("wanted pictures have odd numbers and all others even ones, in output order", () => {
    const written = new Remuxer().write(samples, new Map([[7, "seven"], [2, "two"]]));
    const inOrder = samples
      .map(({ order }, place) => ({ order, place, number: written.numbers[place] ?? -1 }))
      .sort((a, b) => a.order - b.order);
    const odd = inOrder.filter(({ number }) => number % 2 === 1);
    assert.deepEqual(inOrder.map(({ number }) => number), sorted(written.numbers));
    assert.deepEqual(new Set(odd.map(({ place }) => place)), new Set([2, 7]));
    assert.deepEqual([...written.wanted.keys()], odd.map(({ number }) => number));
    assert.deepEqual([...written.wanted.values()], odd.map(({ place }) => (place === 2 ? "two" : "seven")));
  });

  test("numbers are dense when samples are left out", () => {
    const some = samples.filter((_, place) => place % 3 === 0);
    const { numbers, first, last } = new Remuxer().write(some, new Map());
    assert.deepEqual(sorted(numbers), some.map((_, rank) => first + 2 * rank));
    assert.equal(last, first + 2 * some.length - 1);
  });

  test("pictures that lean on others say on what", () => {
    const options = { leaning: new Set([0, 2, 5]), leansOn: 8 };
    const written = new Remuxer().write(samples, new Map([[2, "two"], [5, "five"], [6, "six"]]), options);
    const numberOf = (value: string) => [...written.wanted].find((each) => each[1] === value)?.[0] ?? -1;
    assert.deepEqual(written.leaning, new Map([[numberOf("two"), 8], [numberOf("five"), 8]]));
  });

  test("the timeline goes on after the part of a fragment as after a whole one", async () => {
    const remuxer = new Remuxer();
    const parts = readClip(clip).map((each) => remuxer.write(each.slice(0, 1), new Map([[0, 0]])));
    const original = await pictures(clip.whole);
    assert.deepEqual(await pictures(joined(clip, parts)), [original[0], original[10], original[20]]);
  });

  const PUSHES = [[[9], 3], [[0, 8], 2], [[7], 1], [[6], 0], [[], 0]] as const;
  for (const [ranks, pushes] of PUSHES) {
    test(`the first sample is repeated ${pushes} times when ranks ${ranks.join()} of ten are wanted`, () => {
      const placeOf = (rank: number): number => samples.findIndex(({ order }) => order === rank);
      const remuxer = new Remuxer();
      const wanted = new Map(ranks.map((rank) => [placeOf(rank), rank]));
      const written = remuxer.write(samples, wanted, { heldBack: 3 });
      const pushed = written.bytes.slice(2 + samples.length);
      assert.equal(pushed.length, pushes);
      assert.ok(pushed.every((data) => data.equals(samples[0]!.data)));
      const numbers = timesOf(written).map(({ pts }) => pts);
      assert.deepEqual(numbers, written.numbers);
      for (const [at, number] of numbers.slice(samples.length).entries()) {
        assert.ok(number % 2 === 0 && number > Math.max(...numbers.slice(0, samples.length + at)));
      }
      assert.deepEqual([...written.wanted.values()], [...ranks]);
      const next = timesOf(remuxer.write(second, new Map()));
      assert.ok(Math.min(...next.map(({ dts }) => dts)) > Math.max(...numbers));
      assert.ok(Math.min(...next.map(({ pts }) => pts)) > written.last - 2);
    });
  }

  test("no sample is written when there is none", () => {
    const { bytes, numbers, wanted } = new Remuxer().write([], new Map(), { heldBack: 3 });
    assert.deepEqual([bytes.length, numbers, wanted.size], [2, [], 0]);
  });
});
