import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nextBeat, reloadDelay, type Beat } from "../../src/hls/schedule.js";

const NOW = 1_000_000;
const beatAt = (fromMs: number, toMs: number, more: Partial<Beat> = {}): Beat => ({ fromMs, toMs, atOnce: 0, isHeldUp: false, ...more });
/** Of a list that was just loaded and brought something. */
const delayWith = (beat: Beat | undefined, newestDurationMs: number, now = NOW, loads = [now]): number => reloadDelay({ beat, newestDurationMs, loads, newsAt: NOW }, now);

describe("the next load", () => {
  test("is in the middle of the stretch in which the next fragment is due, then at its end", () => {
    const beat = beatAt(NOW - 30, NOW);
    const first = delayWith(beat, 2000);
    assert.equal(first, 1985);
    const second = first + delayWith(beat, 2000, NOW + first, [NOW, NOW + first]);
    assert.equal(second, 2015);
  });

  test("comes in four steps where the stretch is wide, so that the next one is narrow", () => {
    const beat = beatAt(NOW - 500, NOW);
    const times = [NOW];
    for (let load = 0; load < 4; load++) times.push(times.at(-1)! + delayWith(beat, 2000, times.at(-1), times));
    assert.deepEqual(times.map((time) => Math.round(time - NOW)), [0, 1618, 1750, 1883, 2015]);
  });

  test("comes at the same moment however long fetching and decoding took", () => {
    const beat = beatAt(NOW - 30, NOW);
    assert.equal(delayWith(beat, 2000, NOW + 700, [NOW]), 1285);
    assert.equal(delayWith(beat, 2000, NOW + 2500, [NOW]), 0, "at once when it is past");
  });

  test("follows soon on one that came in vain, then less soon, then ever later", () => {
    const beat = beatAt(NOW - 2030, NOW - 2000);
    const times = [NOW + 15];
    for (let load = 0; load < 60; load++) times.push(times.at(-1)! + delayWith(beat, 2000, times.at(-1), times));
    const delays = times.slice(1).map((time, load) => time - times[load]!);
    assert.deepEqual(delays.slice(0, 2), [60, 180]);
    const late = delays.slice(8);
    assert.deepEqual(late, [...late].sort((a, b) => a - b));
    assert.ok(late.every((delay) => delay >= 250 && delay <= 2000), late.join());
    assert.equal(late.at(-1), 2000);
  });

  test("is half a second away while no fragment was seen coming, and later if none comes", () => {
    assert.equal(delayWith(undefined, 2000), 500);
    assert.equal(delayWith(undefined, 2000, NOW + 4000), 500);
    assert.equal(delayWith(undefined, 2000, NOW + 60_000), 2000);
  });

  test("is the fifth in no second, and a finite time away, whatever the state", () => {
    for (const beat of [undefined, ...[NOW - 1e9, NOW - 2000, NOW - 1, NOW, NOW + 1000].flatMap((toMs) => [0, 1, 80, 5000].map((width) => beatAt(toMs - width, toMs))), beatAt(NOW, NOW, { atOnce: 1e6 })])
      for (const newestDurationMs of [0, 1, 33, 250, 500, 2000, 60_000]) {
        const times = [NOW];
        for (let load = 0; load < 30; load++) {
          const delay = delayWith(beat, newestDurationMs, times.at(-1), times);
          assert.ok(delay >= 0 && Number.isFinite(delay), `${JSON.stringify(beat)} ${newestDurationMs}: ${delay}`);
          times.push(times.at(-1)! + delay);
        }
        for (const [load, time] of times.entries()) assert.ok((times[load + 4] ?? Infinity) - time > 1000, `${JSON.stringify(beat)} ${newestDurationMs}: ${times.join()}`);
      }
  });

  test("comes within twenty seconds even where a length cannot be true", () => {
    assert.equal(delayWith(beatAt(NOW - 30, NOW), 86_400_000), 20_000);
  });
});

describe("the beat", () => {
  test("is at first as wide as the loads are apart, but not wider than half a second", () => {
    assert.deepEqual(nextBeat(undefined, { fromMs: 1000, toMs: 1200 }, 2000), beatAt(1000, 1200));
    assert.deepEqual(nextBeat(undefined, { fromMs: -9000, toMs: 1200 }, 2000), beatAt(700, 1200));
  });

  test("narrows to what was seen and expected, give or take the camera's jitter", () => {
    assert.deepEqual(nextBeat(beatAt(1000, 1200), { fromMs: 3050, toMs: 3300 }, 2000), beatAt(3050, 3215));
    assert.deepEqual(nextBeat(beatAt(1000, 1200), { fromMs: 1900, toMs: 3100 }, 2000), beatAt(2985, 3100, { atOnce: 1 }));
  });

  test("reaches further back with each fragment in a row that was there at the first look", () => {
    let beat = beatAt(1000, 1030);
    const widths = [1, 2, 3, 4].map((number) => {
      beat = nextBeat(beat, { fromMs: beat.toMs, toMs: 1000 + 2000 * number - 2 ** number }, 2000);
      return beat.toMs - beat.fromMs;
    });
    assert.deepEqual(widths, [...widths].sort((a, b) => a - b));
    assert.equal(beat.atOnce, 4);
  });

  test("survives one fragment that is held up, not two", () => {
    const heldUp = nextBeat(beatAt(1000, 1050), { fromMs: 3400, toMs: 3500 }, 2000);
    assert.deepEqual(heldUp, beatAt(3000, 3050, { isHeldUp: true }));
    assert.deepEqual(nextBeat(heldUp, { fromMs: 5010, toMs: 5040 }, 2000), beatAt(5010, 5040));
    assert.deepEqual(nextBeat(heldUp, { fromMs: 5400, toMs: 5500 }, 2000), beatAt(5400, 5500));
  });

  test("begins anew after a long silence, and when a fragment is early", () => {
    assert.deepEqual(nextBeat(beatAt(1000, 1050), { fromMs: 60_000, toMs: 60_250 }, 2000), beatAt(60_000, 60_250));
    assert.deepEqual(nextBeat(beatAt(1000, 1050), { fromMs: 2000, toMs: 2200 }, 2000), beatAt(2000, 2200));
  });
});
