import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { encodeMedia, type FaultInput, type Media } from "../../src/emulator/index.js";
import { FFMPEG } from "../helpers/emulated.js";
import { fingerprintsOf, runWithFaults, type FaultRunResult } from "../helpers/fault-run.js";

const FPS = 10;
const LOOP_SECONDS = 4.5;
let media: Media;
let fingerprints: Map<number, string>;
before(async () => {
  media = await encodeMedia({ path: FFMPEG }, { kind: "testsrc", size: { width: 160, height: 90 }, fps: `${FPS}/1`, fragmentSeconds: 0.5, loopSeconds: LOOP_SECONDS });
  fingerprints = await fingerprintsOf(media, FPS * LOOP_SECONDS);
});

const run = (fault: FaultInput): Promise<FaultRunResult> => runWithFaults({ media, fingerprints, faults: [{ ...fault, at: "2s" } as FaultInput], lengthMs: 5000 });
const restarts = ({ events }: FaultRunResult): number => events.filter(({ type }) => type === "decoder").length - 1;

describe("a fragment that is damaged once", { concurrency: true }, () => {
  const faults: readonly FaultInput[] = [
    { kind: "corrupt", times: 1, bytes: 5000, seed: 7 },
    { kind: "truncate", times: 1 },
    { kind: "empty", times: 1 },
    { kind: "reset-body", times: 3 },
  ];
  for (const fault of faults) {
    test(`by ${fault.kind} is fetched again, and no frame is missing`, async () => {
      const { missing, gaps, damaged } = await run(fault);
      assert.deepEqual([missing, gaps.length, damaged], [0, 0, 0]);
    });
  }
});

describe("a fragment that stays damaged", { concurrency: true }, () => {
  for (const kind of ["truncate", "empty", "non-key"] as const) {
    test(`by ${kind} costs itself and no decoder`, async () => {
      const result = await run({ kind, for: "1s" });
      const { missing, gaps, damaged } = result;
      assert.ok(missing >= 5 && missing <= 15 && missing % 5 === 0, `${missing} missing`);
      assert.deepEqual([damaged, restarts(result)], [0, 0]);
      const lostMs = gaps.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      assert.ok(Math.abs(lostMs - missing * 100) <= 3, `gaps of ${lostMs} ms for ${missing} frames`);
      assert.deepEqual([...new Set(gaps.map(({ cause }) => cause))], ["corrupt"]);
    });
  }

  test("in its samples costs its pictures from the damage on, and a decoder", async () => {
    const { missing, gaps, damaged } = await run({ kind: "corrupt", for: "1s", bytes: 5000, seed: 7 });
    assert.ok(missing >= 1 && missing <= 15, `${missing} missing`);
    assert.equal(damaged, 0);
    assert.deepEqual([...new Set(gaps.map(({ cause }) => cause))], ["corrupt"]);
  });
});
