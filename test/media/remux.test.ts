import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { CodedPictures } from "../../src/core/picture.js";
import { readInitSegment } from "../../src/media/init.js";
import { Remuxer } from "../../src/media/remux.js";
import { readSamples } from "../../src/media/samples.js";
import { makeClip, type Clip, type ClipOptions } from "../helpers/clip.js";

const run = promisify(execFile);
const ALL = new Map(Array.from({ length: 100 }, (_, index) => [index, index] as const));

/** MD5 of every decoded picture, in order of presentation. */
async function pictures(mp4: Buffer): Promise<string[]> {
  const running = run("ffmpeg", ["-v", "error", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
  running.child.stdin?.end(mp4);
  const { stdout } = await running;
  return stdout.split("\n").filter((line) => /^\d/.test(line)).map((line) => line.split(",").at(-1)?.trim() ?? "");
}

const remuxed = (clip: Clip, remuxer = new Remuxer(1)): CodedPictures<number>[] => {
  const init = readInitSegment(clip.init);
  return clip.fragments.map((bytes) => {
    const samples = readSamples(bytes, init);
    return remuxer.write(samples, new Map([...ALL].slice(0, samples.length)));
  });
};

const joined = (clip: Clip, written: readonly CodedPictures<number>[]): Buffer => Buffer.concat([clip.init, ...written.flatMap(({ bytes }) => bytes)]);

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

describe("the timeline of rewritten fragments", async () => {
  const clip = await makeClip({ frames: 30, bFrames: 3 });

  test("only goes forward, and no picture is presented before it is decoded", () => {
    const times = remuxed(clip).flatMap(timesOf);
    assert.equal(times.length, 30);
    for (const [position, { dts, pts }] of times.entries()) {
      assert.ok(pts >= dts, `sample ${position} is presented at ${pts} and decoded at ${dts}`);
      assert.ok(dts > (times[position - 1]?.dts ?? -1), `sample ${position} is decoded at ${dts}`);
    }
    assert.equal(new Set(times.map(({ pts }) => pts)).size, 30);
  });

  test("goes on where it was when the same fragments come again, from a new session", () => {
    const remuxer = new Remuxer(1);
    const times = [...remuxed(clip, remuxer), ...remuxed(clip, remuxer)].flatMap(timesOf);
    assert.deepEqual(times.map(({ dts }) => dts), times.map(({ dts }) => dts).sort((a, b) => a - b));
    assert.equal(new Set(times.map(({ pts }) => pts)).size, 60);
  });

  test("has wanted pictures under odd numbers, in order, and all others under even ones", () => {
    const samples = readSamples(clip.fragments[0] ?? Buffer.alloc(0), readInitSegment(clip.init));
    const written = new Remuxer(1).write(samples, new Map([[7, "seven"], [2, "two"]]));
    assert.deepEqual([...written.wanted.values()], ["two", "seven"]);
    const numbers = timesOf(written).map(({ pts }) => pts);
    assert.deepEqual(numbers.filter((number) => number % 2 === 1).sort((a, b) => a - b), [...written.wanted.keys()]);
    const inOrder = samples.map(({ index }, position) => ({ index, number: numbers[position] ?? 0 })).sort((a, b) => a.index - b.index);
    assert.deepEqual(inOrder.filter(({ number }) => number % 2 === 1).map(({ index }) => index), [2, 7]);
    assert.deepEqual(inOrder.map(({ number }) => number), numbers.sort((a, b) => a - b));
    assert.ok(Math.max(...numbers) <= written.last);
  });

  test("goes on after the part of a fragment as after a whole one", async () => {
    const init = readInitSegment(clip.init);
    const remuxer = new Remuxer(1);
    const parts = clip.fragments.map((bytes) => remuxer.write(readSamples(bytes, init).slice(0, 1), new Map([[0, 0]])));
    const original = await pictures(clip.whole);
    assert.deepEqual(await pictures(joined(clip, parts)), [original[0], original[10], original[20]]);
  });

  test("goes on after what pushes pictures out: the first sample over again, that nobody wants, as often as the last wanted one needs", () => {
    const init = readInitSegment(clip.init);
    const samples = readSamples(clip.fragments[0] ?? Buffer.alloc(0), init);
    const pushes = ([[[9], 3], [[0, 8], 2], [[7], 1], [[6], 0], [[], 0]] as const).map(([wanted, pushes]) => {
      const remuxer = new Remuxer(1);
      const written = remuxer.write(samples, new Map(wanted.map((index) => [index, index])), 3);
      const pushed = written.bytes.slice(2 + samples.length);
      assert.ok(pushed.every((data) => data.equals(samples[0]!.data)));
      const times = timesOf(written);
      const numbers = times.slice(samples.length).map(({ pts }) => pts);
      assert.ok(numbers.every((number, at) => number % 2 === 0 && number > Math.max(...times.slice(0, samples.length + at).map(({ pts }) => pts))));
      assert.deepEqual([...written.wanted.values()], [...wanted]);
      const next = timesOf(remuxer.write(samples, new Map()));
      assert.ok(Math.min(...next.map(({ dts }) => dts)) > Math.max(...times.map(({ dts }) => dts)));
      assert.ok(Math.min(...next.map(({ pts }) => pts)) > written.last - 2);
      assert.equal(pushed.length, pushes);
      return pushed.length;
    });
    assert.equal(pushes.length, 5);
  });
});
