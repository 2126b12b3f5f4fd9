import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import type { CameraSpec } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { RECORDINGS } from "../helpers/footage.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";
import { probeSamples } from "../helpers/samples.js";

const short = { kind: "testsrc", size: { width: 320, height: 180 }, loopSeconds: 6 } as const;
const GENERATED: readonly CameraSpec[] = [
  { name: "plain", source: short },
  { name: "ntsc-bframes-audio", source: { ...short, fps: "29.97", bframes: 2, audio: true } },
  { name: "h265", source: { ...short, codec: "h265", bframes: 3 } },
  { name: "variable", source: { ...short, variableRate: true, bframes: 2 } },
  { name: "switch", source: { ...short, switchTo: { width: 160, height: 90 }, bframes: 1 } },
  { name: "skewed", source: { ...short, fps: "12.5", matrix: "bt601" }, producerSkewMs: -12_345 },
];
const RECORDED: readonly CameraSpec[] = RECORDINGS.map((path) => ({ name: basename(path), source: { kind: "file", path } }));
const CAMERAS = [...GENERATED, ...RECORDED];

for (const [tfdt, count] of [["absolute", 4], ["session", 2]] as const) {
  const emulated = new Emulated({ cameras: CAMERAS, limits: false, switches: { tfdt } });

  for (const { name } of CAMERAS) {
    test(`${name}: sample times in fragments are the true capture times (tfdt ${tfdt})`, async () => {
      const master = await emulated.open(name, { HLSFragmentSelector: { FragmentSelectorType: "PRODUCER_TIMESTAMP" }, MaxMediaPlaylistFragmentResults: count });
      const { fragments, mediaSequence } = await readPlaylist(await mediaPlaylistUrl(master));
      assert.equal(fragments.length, count);
      let originMs: number | undefined;
      let lastDts = -Infinity;
      for (const { url, initUrl, number, startMs } of fragments) {
        const { timescale, samples } = await probeSamples(await getBytes(initUrl), await getBytes(url));
        const truth = emulated.camera(name).truth(number)!;
        const times = samples.map(({ pts }) => (pts * 1000) / timescale).sort((a, b) => a - b);
        // The session's first fragment is decoded at 0; the list may have moved on from it before it was read.
        if (tfdt === "session" && lastDts === -Infinity) assert.equal(samples[0]!.dts === 0, mediaSequence === 0, `decoded at ${samples[0]!.dts}, media sequence ${mediaSequence}`);
        originMs ??= tfdt === "absolute" ? 0 : truth.frames[0]!.producerMs - times[0]!;
        const expected = truth.frames.map(({ producerMs }) => producerMs - originMs!);
        assert.equal(times.length, expected.length);
        times.forEach((time, i) => { assert.ok(Math.abs(time - expected[i]!) <= 500 / timescale + 0.001, `frame ${i} at ${time}, true ${expected[i]}`); });
        assert.equal(startMs, truth.startMs.producer);
        assert.ok(Math.abs(startMs - truth.frames[0]!.producerMs) <= 0.5);
        assert.ok(samples[0]!.keyframe);
        for (const { pts, dts } of samples) {
          assert.ok(dts > lastDts && dts <= pts, `decode time ${dts} after ${lastDts}, for ${pts}`);
          lastDts = dts;
        }
      }
    });
  }
}
