import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TickGrid } from "../../src/source/sampling/tick-grid.js";

const EPOCH = Date.UTC(2026, 10, 22, 10, 15);

/** Capture times of a camera at this rate, whole milliseconds, in fragments of so many pictures. */
function camera(fps: number, pictures: number, perFragment = 30, startMs = EPOCH): number[][] {
  const times = Array.from({ length: pictures }, (_, at) => Math.round(startMs + (at * 1000) / fps));
  return fragmentsOf(times, perFragment);
}

function fragmentsOf(times: readonly number[], perFragment: number): number[][] {
  return Array.from({ length: Math.ceil(times.length / perFragment) }, (_, at) => times.slice(at * perFragment, (at + 1) * perFragment));
}

const pickAll = (grid: TickGrid, fragments: readonly number[][]): number[] => fragments.flatMap((times) => grid.pick(times).map((index) => times[index] ?? Number.NaN));

/** The rule, said differently, for cameras that begin on a tick: of every tick the first picture. */
function expected(fps: number, fragments: readonly number[][]): number[] {
  const times = fragments.flat();
  const tickOf = (time = 0): number => Math.floor(((time + 0.5) * fps) / 1000);
  return times.filter((time, at) => at === 0 || tickOf(time) > tickOf(times[at - 1]));
}

/** A grid that was there before the first picture. */
const runningGrid = (fps: number): TickGrid => new TickGrid(fps, EPOCH - 1000 / fps);

describe("a grid of ticks", () => {
  for (const cameraFps of [30, 29.97, 25, 14.98, 120]) {
    for (const fps of [5, 1, 0.1]) {
      test(`of ${fps} a second picks of ${cameraFps} a second the first picture of each tick`, () => {
        const fragments = camera(cameraFps, Math.round(cameraFps * 60));
        const picked = pickAll(new TickGrid(fps), fragments);
        assert.deepEqual(picked, expected(fps, fragments));
        const all = pickAll(runningGrid(fps), fragments);
        assert.equal(all.length, 60 * fps);
        for (const [at, time] of all.entries()) assert.ok(time - (EPOCH + (at * 1000) / fps) < 1000 / cameraFps + 1, `pick ${at} is late`);
      });
    }
  }

  test("of the camera's own rate picks every picture of it", () => {
    for (const fps of [30, 25, 10]) assert.equal(pickAll(runningGrid(fps), camera(fps, 600)).length, 600);
  });

  test("does not drift: an hour at 29.97 has 5 picks a second to the last", () => {
    assert.equal(pickAll(runningGrid(5), camera(29.97, 107_892)).length, 5 * 3600);
  });

  test("of a variable rate picks at most one a tick, and none for a tick without a picture", () => {
    const times = [0, 10, 190, 205, 900, 1000, 1001, 1399].map((ms) => EPOCH + ms);
    assert.deepEqual(pickAll(new TickGrid(5, EPOCH - 200), [times]).map((time) => time - EPOCH), [0, 205, 900, 1000, 1399]);
  });

  test("faster than the camera picks every picture", () => {
    assert.equal(pickAll(runningGrid(5), camera(1, 100)).length, 100);
    assert.equal(pickAll(runningGrid(1000), camera(29.97, 300)).length, 300);
  });

  test("that is joined in the middle of a tick begins with the next, so that all readers agree", () => {
    const fragments = camera(30, 300);
    const whole = pickAll(runningGrid(5), fragments);
    const late = fragments.flat().slice(4);
    assert.deepEqual(pickAll(new TickGrid(5), fragmentsOf(late, 30)), whole.slice(1));
  });

  test("finer than the camera's own pace leaves out nothing at the start", () => {
    const times = [50, 450, 850, 1250].map((ms) => EPOCH + ms);
    assert.deepEqual(pickAll(new TickGrid(5), fragmentsOf(times, 4)), times);
  });

  test("that is sparse does not wait for its next tick to give the first picture", () => {
    const fragments = camera(30, 300, 30, EPOCH + 3000);
    assert.deepEqual(pickAll(new TickGrid(0.1), fragments).map((time) => time - EPOCH), [3000, 10_000]);
  });

  test("goes on after a restart, at whatever picture, as if there had been none", () => {
    for (const fps of [5, 1, 0.5]) {
      const fragments = camera(29.97, 300, 10);
      const whole = pickAll(new TickGrid(fps), fragments);
      for (const [at, lastPicked] of whole.entries()) {
        const from = fragments.findIndex((times) => times.includes(lastPicked));
        assert.deepEqual(pickAll(new TickGrid(fps, lastPicked), fragments.slice(from)), whole.slice(at + 1));
      }
    }
  });

  test("picks nothing twice when fragments overlap", () => {
    const [first = [], second = []] = camera(30, 60);
    const grid = runningGrid(5);
    assert.equal(pickAll(grid, [first, first.slice(15), second]).length, 10);
  });

  test("picks nothing of an empty fragment, and goes on", () => {
    const grid = new TickGrid(5, EPOCH - 1000);
    assert.deepEqual(grid.pick([]), []);
    assert.equal(pickAll(grid, camera(30, 30)).length, 5);
  });

  test("goes on at once when the camera's clock is set back", () => {
    const grid = runningGrid(5);
    assert.equal(pickAll(grid, camera(30, 60)).length, 10);
    assert.equal(pickAll(grid, camera(30, 60, 30, EPOCH - 3_600_000)).length, 10);
  });
});
