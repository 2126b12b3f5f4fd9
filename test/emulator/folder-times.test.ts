import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Camera } from "../../src/emulator/camera/camera.js";
import { initOf, oneSample, pacesOf, readFiles } from "../helpers/folder-camera.js";
import { box, fragment, fullBox, u32 } from "../helpers/mp4.js";

const init = initOf(1000);

describe("durations", () => {
  const timed = async (...fragments: Buffer[]) =>
    pacesOf(await readFiles([init, ...fragments].map((bytes, i) => ({ name: `${i}`, bytes }))));

  test("come from the tables of all moofs: run, fragment header or track defaults", async () => {
    const both = Buffer.concat([oneSample(300), oneSample(200, 300)]);
    const byHeader = fragment({ runs: [{ count: 4 }], defaults: [25, 1, 0] });
    assert.deepEqual(await timed(both, byHeader), [
      [500, 500],
      [100, 100],
    ]);
    const trex = box("mvex", fullBox("trex", 0, 0, u32(1, 1, 70, 0, 0)));
    const moov = box("moov", initOf(1000).subarray(8), trex);
    const bare = box(
      "moof",
      box("traf", fullBox("tfhd", 0, 0, u32(1)), fullBox("trun", 0, 0, u32(2))),
    );
    assert.deepEqual(
      pacesOf(
        await readFiles([
          { name: "0", bytes: moov },
          { name: "1", bytes: bare },
        ]),
      ),
      [[140, 140]],
    );
  });

  test("another track's samples do not count", async () => {
    assert.deepEqual(
      await timed(Buffer.concat([oneSample(300), fragment({ runs: [{ count: 9 }], trackId: 2 })])),
      [[300, 300]],
    );
  });

  test("of none, the next decode time tells, or else time goes on by a frame", async () => {
    assert.deepEqual(await timed(oneSample(0, 1000), oneSample(0, 1400), oneSample(0, 900)), [
      [400, 400],
      [0, 40],
      [0, 40],
    ]);
  });

  test("that cannot be told or believed are two seconds", async () => {
    assert.deepEqual(await timed(Buffer.of(1, 2, 3), oneSample(0xffff_ffff)), [
      [2000, 2000],
      [2000, 2000],
    ]);
  });

  test("as short as a few ticks keep their order on both clocks", async () => {
    const media = await readFiles([
      { name: "0", bytes: init },
      ...[1, 2, 3, 4, 5].map((name) => ({ name: `${name}`, bytes: oneSample(name * 2) })),
    ]);
    const camera = new Camera({ name: "a", source: media, historySeconds: 2 }, media, Date.now());
    const numbers = camera.recent(200).map(({ number }) => number);
    assert.equal(numbers.length, 200);
    assert.deepEqual(numbers, [...numbers].sort());
  });
});
