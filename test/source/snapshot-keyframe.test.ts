import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { OptionError, type SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { Snapshots } from "../helpers/snapshots.js";

const SECOND_MS = 1000;
const VARIANTS = ["", ",bframes=2", ",bframes=3,codec=h265", ",vfr"];
const cameras = VARIANTS.map((variant, i) => parseCamera(`cam${i}=testsrc,size=320x180,fps=20,fragment=2,loop=6,history=120${variant}`));

for (const ranges of ["honoured", "ignored"] as const) {
  const emulated = new Emulated({ limits: false, cameras, switches: { ranges } });
  const snapshots = new Snapshots(emulated);
  const bytesOf = (events: readonly SourceEvent[]): { bytes: number; totalBytes: number; decoded: number } => {
    const [fragment, ...others] = events.filter(({ type }) => type === "fragment");
    assert.ok(fragment?.type === "fragment" && others.length === 0);
    return fragment;
  };

  describe(`with ranges ${ranges}`, { concurrency: 2 }, () => {
    for (const [i, variant] of VARIANTS.entries()) {
      test(`the newest key picture of a camera${variant} is the newest fragment's, and decoded alone`, async () => {
        const camera = emulated.camera(`cam${i}`);
        const [newest] = camera.recent(1);
        const events: SourceEvent[] = [];
        const { frame, source } = await snapshots.take(`cam${i}`, { sampling: "keyframe", onEvent: (event) => events.push(event) });
        snapshots.assertTrue(`cam${i}`, { frame, source });
        assert.ok(frame.keyframe);
        assert.ok(BigInt(frame.fragment) >= BigInt(newest!.number));
        assert.equal(bytesOf(events).decoded, 1);
      });

      test(`of an instant of the past, the last key picture of a camera${variant} at or before it`, async () => {
        const at = Date.now() - 60 * SECOND_MS - i * 333;
        const { frame } = await snapshots.take(`cam${i}`, { sampling: "keyframe", at });
        snapshots.assertTrue(`cam${i}`, { frame, source: "archive" });
        assert.ok(frame.keyframe && frame.capturedAt <= at && frame.capturedAt > at - 2.1 * SECOND_MS, `${at - frame.capturedAt} ms before`);
      });
    }

    if (ranges === "ignored") return;

    test("a key picture takes a fraction of its fragment's bytes, and a picture of the past no more than leads up to it", async () => {
      const ofKey: SourceEvent[] = [];
      await snapshots.take("cam0", { sampling: "keyframe", onEvent: (event) => ofKey.push(event) });
      const key = bytesOf(ofKey);
      assert.ok(key.bytes < key.totalBytes / 4, `${key.bytes} of ${key.totalBytes} bytes`);

      const camera = emulated.camera("cam0");
      const [fragment] = camera.fragments(Date.now() - 40 * SECOND_MS, Date.now() - 30 * SECOND_MS, "producer");
      const at = Math.ceil(fragment!.startMs.producer) + 600;
      const ofPast: SourceEvent[] = [];
      const { frame } = await snapshots.take("cam0", { at, onEvent: (event) => ofPast.push(event) });
      assert.equal(frame.fragment, fragment!.number);
      const past = bytesOf(ofPast);
      assert.equal(past.decoded, frame.index + 1);
      assert.ok(past.bytes < 0.6 * past.totalBytes, `${past.bytes} of ${past.totalBytes} bytes`);
    });
  });
}

test("there is no other way of sampling for a snapshot", async () => {
  const { takeSnapshot } = await import("../../src/index.js");
  await assert.rejects(takeSnapshot({ streamName: "x", sampling: "auto" as "exact" }), (error) => error instanceof OptionError && error.option === "sampling" && /exact, keyframe|exact or keyframe/.test(error.message));
});
