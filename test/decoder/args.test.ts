import assert from "node:assert/strict";
import { test } from "node:test";
import { decoderArgs } from "../../src/decoder/args.js";

test("ffmpeg's arguments are these, word for word", () => {
  assert.deepEqual(decoderArgs({ pixelFormat: "gray8", width: 641, height: 360 }), [
    "-hide_banner", "-loglevel", "error", "-nostats", "-xerror",
    "-protocol_whitelist", "pipe", "-copyts", "-probesize", "32", "-analyzeduration", "0",
    "-ignore_editlist", "1", "-noautorotate", "-threads", "1", "-max_pixels", "36000000", "-flags", "+unaligned", "-f", "mp4", "-i", "pipe:0",
    "-map", "0:v:0",
    "-vf", "select='mod(pts\\,2)',scale=641:360,format=gray,metadata=add:key=k:value=1,metadata=print:file='pipe\\:3':direct=1",
    "-fps_mode", "passthrough", "-enc_time_base", "-1", "-threads", "1", "-f", "rawvideo", "-avioflags", "direct", "pipe:1",
  ]);
});

test("pixel formats other than grey go by ffmpeg's own name", () => {
  for (const pixelFormat of ["bgr24", "rgb24", "yuv420p"] as const) {
    assert.match(decoderArgs({ pixelFormat, width: 2, height: 2 }).join(" "), new RegExp(`,format=${pixelFormat},`));
  }
});

test("threads are of the decoder alone", () => {
  const words = decoderArgs({ pixelFormat: "gray8", width: 2, height: 2, threads: 0 });
  assert.deepEqual(words.flatMap((word, at) => (word === "-threads" ? [words[at + 1]] : [])), ["0", "1"]);
  assert.ok(words.indexOf("-threads") < words.indexOf("-i"));
});
