import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseCamera } from "../../src/emulator/index.js";
import type { SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=64x48,fragment=0.5,loop=2")] });

for (const sampling of ["exact", "keyframe"] as const) {
  test(`a decoder of ${sampling} pictures that fails is counted once each time, and not again as what ends the attempt`, async () => {
    const events: SourceEvent[] = [];
    const ffmpegPath = fileURLToPath(new URL("../fixtures/ffmpeg-killed", import.meta.url));
    await using source = openSource(emulated.emulator.url, { streamName: "front", sampling, ffmpegPath, onEvent: (event) => events.push(event) });
    await assert.rejects(source.readFrame(), { name: "DecoderError", code: "FFMPEG_FAILED" });
    const attempts = 1 + events.filter(({ type }) => type === "reconnect").length;
    const errors = events.flatMap((event) => (event.type === "readError" ? [event.error] : []));
    assert.equal(attempts, 3);
    assert.ok(errors.length >= attempts);
    assert.equal(new Set(errors).size, errors.length, "none is told twice");
    assert.equal(source.metrics.readErrorsTotal, errors.length);
  });
}
