import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";

test("a camera in words", () => {
  assert.deepEqual(parseCamera("front-door=testsrc"), { name: "front-door", source: { kind: "testsrc" } });
  assert.deepEqual(parseCamera("a=/media/a,b=c.mp4"), { name: "a", source: { kind: "file", path: "/media/a,b=c.mp4" } });
  assert.deepEqual(parseCamera("a=testsrc,fps=29.97,bframes=2,size=1280x720,codec=h265,audio,vfr,fragment=10,loop=30,switch=320x180,matrix=bt601"), {
    name: "a",
    source: {
      kind: "testsrc", fps: "30000/1001", bframes: 2, size: { width: 1280, height: 720 }, codec: "h265", audio: true, variableRate: true,
      fragmentSeconds: 10, loopSeconds: 30, switchTo: { width: 320, height: 180 }, matrix: "bt601",
    },
  });
  assert.deepEqual(parseCamera("a=testsrc,skew=-1500,latency=0,history=3600,retention=2,codec=vp9"), {
    name: "a", source: { kind: "testsrc" }, producerSkewMs: -1500, latencyMs: 0, historySeconds: 3600, retentionHours: 2, mediaType: "video/vp9",
  });
});

const MISTAKES: readonly [string, RegExp][] = [
  ["front-door", /^camera must be NAME=testsrc, NAME=FILE or NAME=DIR, .*, got "front-door"$/],
  ["a b=testsrc", /got "a b=testsrc"$/],
  ["a=testsrc,colour=red", /^camera option must be one of size, .*, got "colour"$/],
  ["a=testsrc,toString", /got "toString"$/],
  ["a=testsrc,size=641x360", /^size must be even WIDTHxHEIGHT .*, got "641x360"$/],
  ["a=testsrc,fps=fast", /^fps must look like 30, 29.97 or 30000\/1001, got "fast"$/],
  ["a=testsrc,fps=0", /^fps must/],
  ["a=testsrc,bframes=1.5", /^bframes must be a whole number from 0 to 16, got "1.5"$/],
  ["a=testsrc,fragment=", /^fragment must be a number from 0.1, got ""$/],
  ["a=testsrc,codec=av1", /^codec must be one of h264, h265, vp9, got "av1"$/],
  ["a=testsrc,audio=yes", /^audio takes no value, got "yes"$/],
];

for (const [text, message] of MISTAKES) {
  test(`refused: ${text}`, () => {
    assert.throws(() => parseCamera(text), (error: RangeError) => error instanceof RangeError && message.test(error.message));
  });
}
