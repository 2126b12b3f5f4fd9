import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { decode } from "../../src/decoder/decoder.js";
import { announcedReordering } from "../../src/media/decoder-setup.js";
import { makeClip, type ClipOptions } from "../helpers/clip.js";
import { setupOf } from "../helpers/coded.js";
import { decodeOptions, picturesOf, recordedFfmpeg, waitingAfter } from "../helpers/decoding.js";
import { originals } from "../helpers/salvaging.js";

const SORTS: readonly [string, ClipOptions][] = [
  ["H.264 without B-frames", {}],
  ["H.264 with B-frames", { bFrames: 3 }],
  ["H.265 without B-frames", { codec: "libx265" }],
  ["H.265 with B-frames", { codec: "libx265", bFrames: 3 }],
];

describe("all pictures come before the stream goes on, with the pixels of the original", { concurrency: 2 }, () => {
  for (const threads of [1, 2, 4]) {
    for (const [name, clipOptions] of SORTS) {
      test(`of ${name}, in ${threads} threads`, async () => {
        const clip = await makeClip({ ...clipOptions, frames: 30 });
        const heldBack = announcedReordering(setupOf(clip))! + threads - 1;
        await using ffmpeg = await recordedFfmpeg();
        const options = decodeOptions(clip, ffmpeg);
        const output = { ...options.output, threads };
        const shown: [string, string][] = [];
        const timer = setTimeout(() => options.controller.abort(new Error(`only ${shown.length} came`)), 20_000);
        for await (const { value, data } of decode(waitingAfter(picturesOf(clip, undefined, heldBack), options.controller.signal), { ...options, output })) {
          shown.push([value, createHash("md5").update(data).digest("hex")]);
          if (value === "2.9") break;
        }
        clearTimeout(timer);
        assert.deepEqual(new Map(shown), await originals(clip));
        assert.equal(shown.length, 30);
        await ffmpeg.assertGone();
      });
    }
  }
});
