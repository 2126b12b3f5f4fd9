import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Camera, CameraSpec, FragmentTruth, TestSource } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions } from "../../src/index.js";
import { readCounter } from "../helpers/counter.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const SECONDS = 60;
const small: TestSource = { kind: "testsrc", size: { width: 320, height: 180 }, loopSeconds: 20 };
const VARIANTS: Readonly<Record<string, TestSource>> = {
  plain: small,
  "b-frames": { ...small, bframes: 2 },
  h265: { ...small, codec: "h265", bframes: 3 },
  audio: { ...small, audio: true },
  "variable-rate": { ...small, variableRate: true, bframes: 1 },
  ntsc: { ...small, fps: "29.97" },
  "long-fragments": { ...small, fragmentSeconds: 10 },
  "size-change": { ...small, switchTo: { width: 480, height: 270 } },
};
const cameras = Object.entries(VARIANTS).map(([name, source]): CameraSpec => ({ name, source, producerSkewMs: 1234 }));
const emulated = new Emulated({ cameras });

/** Follows the truth beside the frames: each must be the one after the last, with its own number in the picture and its own time. */
class Witness {
  #last: { fragment: string; index: number } | undefined;
  seen = 0;

  constructor(private readonly camera: Camera) {}

  check({ data, width, height, fragment, index, clock, capturedAt, keyframe }: Frame): void {
    const truth = this.camera.truth(fragment)!;
    if (this.#last) assert.deepEqual({ fragment, index }, this.#after(this.#last, truth), `frame ${this.seen}`);
    const frame = truth.frames[index]!;
    assert.equal(readCounter(data, width, height, 1), frame.counter, "the picture is another one");
    const due = clock === "producer" ? frame.producerMs : frame.serverMs;
    assert.ok(Math.abs(capturedAt - due) <= 1, `captured at ${capturedAt}, true ${due}`);
    assert.equal(keyframe, frame.keyframe);
    this.#last = { fragment, index };
    this.seen += 1;
  }

  /** The frame after `last`, by the truth up to the fragment that came. */
  #after({ fragment, index }: { fragment: string; index: number }, came: FragmentTruth): { fragment: string | undefined; index: number } {
    const truth = this.camera.truth(fragment)!;
    if (index + 1 < truth.frames.length) return { fragment, index: index + 1 };
    const between = this.camera.fragments(truth.startMs.producer, came.startMs.producer, "producer");
    return { fragment: between.find(({ number }) => BigInt(number) > BigInt(fragment))?.number, index: 0 };
  }
}

describe(`${SECONDS} s of every camera: each frame once, in order, at its true time`, { concurrency: true }, () => {
  for (const { name } of cameras) {
    test(`${name}, producer clock`, async () => check({ streamName: name }));
    test(`${name}, producer clock, decoded in this process`, async () => check({ streamName: name, decoder: "node-av" }));
  }
  test("plain, server clock", async () => check({ streamName: "plain", clock: "server" }));
});

test("on the way no request came faster than the service allows", () => {
  const { journal } = emulated.emulator;
  assert.ok(journal.length > 9 * SECONDS * 0.5);
  assert.deepEqual(journal.filter(({ status }) => status !== 200), []);
});

async function check(options: KvsHlsFrameSourceOptions & { readonly streamName: string }): Promise<void> {
  const witness = new Witness(emulated.camera(options.streamName));
  await using source = openSource(emulated.emulator.url, { pixelFormat: "gray8", ...options });
  let first: Frame | undefined;
  for await (const frame of source) {
    first ??= frame;
    witness.check(frame);
    if (frame.capturedAt - first.capturedAt >= SECONDS * 1000) break;
  }
  assert.ok(witness.seen >= SECONDS * 25, `${witness.seen} frames`);
  assert.equal(source.metrics.gapsTotal + source.metrics.readErrorsTotal + source.metrics.reconnectsTotal, 0);
}
