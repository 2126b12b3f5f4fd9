import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { pairs, spread } from "../../src/source/probe/statistics.js";
import { Emulated } from "../helpers/emulated.js";
import { assertNear, probeCamera, troubles } from "../helpers/probing.js";

interface Variant {
  readonly camera: string;
  readonly codec: RegExp;
  readonly size: string;
  readonly matrix: string;
  readonly sound?: readonly string[];
  readonly isReordered?: boolean;
  readonly isVariable?: boolean;
  /** How far the camera's clock is ahead, milliseconds. */
  readonly skewMs?: number;
  readonly latencyMs?: number;
  readonly troubles?: readonly string[];
}

const SMALL = "size=96x64";
/** The emulator's network delays each fragment by this, give or take 20, milliseconds. */
const NETWORK_MS = 120;
const VARIANTS: Readonly<Record<string, Variant>> = {
  plain: { camera: `testsrc,${SMALL}`, codec: /^h264 Constrained Baseline 1/, size: "96x64", matrix: "bt709" },
  hd: { camera: "testsrc,size=1280x720,fps=15,loop=8,history=120", codec: /^h264 Constrained Baseline 3.1/, size: "1280x720", matrix: "bt709" },
  ntsc: { camera: `testsrc,${SMALL},fps=29.97,history=300`, codec: /^h264/, size: "96x64", matrix: "bt709" },
  slow: { camera: `testsrc,${SMALL},fps=5,fragment=4,history=300`, codec: /^h264/, size: "96x64", matrix: "bt709" },
  long: { camera: `testsrc,${SMALL},fps=12.5,fragment=8,loop=24,history=200`, codec: /^h264/, size: "96x64", matrix: "bt709", troubles: ["long-gop"] },
  bframes: { camera: `testsrc,${SMALL},bframes=3,matrix=bt601,history=300`, codec: /^h264 Main/, size: "96x64", matrix: "smpte170m", isReordered: true },
  hevc: { camera: `testsrc,size=160x96,codec=h265,history=300`, codec: /^h265 Main/, size: "160x96", matrix: "bt709" },
  everything: { camera: `testsrc,size=160x96,codec=h265,bframes=2,audio,vfr,matrix=bt601,skew=800,history=300`, codec: /^h265 Main/, size: "160x96", matrix: "smpte170m", sound: ["mp4a.40.2"], isReordered: true, isVariable: true, skewMs: 800 },
  sound: { camera: `testsrc,${SMALL},audio,history=300`, codec: /^h264/, size: "96x64", matrix: "bt709", sound: ["mp4a.40.2"] },
  variable: { camera: `testsrc,${SMALL},vfr,history=300`, codec: /^h264/, size: "96x64", matrix: "bt709", isVariable: true },
  behind: { camera: `testsrc,${SMALL},skew=-600,latency=2500,history=300`, codec: /^h264/, size: "96x64", matrix: "bt709", skewMs: -600, latencyMs: 2500 },
};
const emulated = new Emulated({ cameras: Object.entries(VARIANTS).map(([name, { camera }]) => parseCamera(`${name}=${camera}`)) });

describe("every figure of a healthy camera is the emulator's truth", { concurrency: 2 }, () => {
  for (const [name, { codec, size, matrix, sound = [], isReordered = false, isVariable = false, skewMs = 0, latencyMs = 300, troubles: expected = [] }] of Object.entries(VARIANTS)) {
    test(name, async () => {
      const facts = await probeCamera(emulated, name);
      const { video, pictures, session, coverage, clock, latency, stream, cost } = facts;
      assert.ok(video && pictures && session && coverage && clock && latency && stream && cost);
      assert.deepEqual(troubles(facts), expected);

      assert.match(`${video.codec} ${video.profile} ${video.level}`, codec);
      assert.deepEqual([`${video.width}x${video.height}`, video.colour?.matrix, video.colour?.range, video.rotation], [size, matrix, "tv", 0]);
      assert.deepEqual(session.codecs.slice(1), sound);
      assert.equal(stream.arn, emulated.camera(name).arn);

      const truth = emulated.camera(name).fragments(pictures.from, pictures.to - 1, "producer");
      const frames = truth.flatMap((fragment) => fragment.frames);
      const intervals = pairs(frames).map(([a, b]) => b.producerMs - a.producerMs);
      const fps = 1000 / (intervals.reduce((total, ms) => total + ms, 0) / intervals.length);
      assert.equal(pictures.pictures, frames.length);
      assertNear(pictures.fps, fps, fps / 100, "frame rate");
      assertNear(pictures.intervalMs.min, spread(intervals).min, 1, "shortest interval");
      assertNear(pictures.intervalMs.max, spread(intervals).max, 1, "longest interval");
      const keys = spread(pairs(frames.filter(({ keyframe }) => keyframe)).map(([a, b]) => b.producerMs - a.producerMs));
      for (const side of ["min", "median", "max"] as const) assertNear(pictures.keyIntervalMs?.[side], keys[side], 2, `key frame interval, ${side}`);
      assert.deepEqual([pictures.isReordered, pictures.isVariableRate, pictures.fragmentsWithoutKeyFirst], [isReordered, isVariable, 0]);

      const all = emulated.camera(name).fragments(coverage.from, coverage.newestEnd, "producer");
      const lengths = spread(all.map(({ durationMs }) => durationMs));
      for (const side of ["min", "median", "max"] as const) assertNear(coverage.fragmentMs[side], lengths[side], 50, `fragment length, ${side}`);
      assert.deepEqual([coverage.gaps, coverage.overlaps, coverage.source], [[], [], "index"]);

      assertNear(clock.skewMs, skewMs - NETWORK_MS, 10, "skew");
      assert.ok(clock.driftPpm === null || Math.abs(clock.driftPpm) <= Math.max(100, 3 * (clock.driftErrorPpm ?? 0)), `drift of ${clock.driftPpm} ppm`);
      // Listed so long after the start of its last picture, and seen within a quarter of a second and the time of a request on a busy machine.
      const listedMs = latencyMs - intervals.at(-1)! - NETWORK_MS;
      if (latency.isExact) assert.ok(latency.serviceToUsMs! >= listedMs - 50 && latency.serviceToUsMs! <= listedMs + 1500, `${latency.serviceToUsMs}, wanted ${listedMs} and a look`);
      else assert.ok(pictures.keyIntervalMs!.median > 4000, "fragments of seconds are seen to appear");

      const full = (pictures.bitsPerSecond / 8) * 86_400;
      assertNear(cost.everyFrame.pricePerDay, (full / 1e9) * 0.0119, 1e-9, "price of a day");
      assert.ok(cost.oneAMinute.bytesPerDay < full / 7 && cost.keyFrames.bytesPerDay < full);
    });
  }
});

test("a probe is a matter of seconds, and of a few requests and fragments", async () => {
  const before = emulated.emulator.journal.length;
  const facts = await probeCamera(emulated, "plain", { window: 60 });
  const requests = emulated.emulator.journal.slice(before);
  const count = (operation: string) => requests.filter((entry) => entry.operation === operation).length;
  assert.ok(facts.tookMs < 8000, `${facts.tookMs} ms`);
  assert.deepEqual(
    ["DescribeStream", "GetDataEndpoint", "GetHLSStreamingSessionURL", "ListFragments", "GetHLSMasterPlaylist", "GetMP4InitFragment", "GetMP4MediaFragment"].map(count),
    [1, 3, 1, 1, 1, 1, 5],
  );
  assert.ok(count("GetHLSMediaPlaylist") <= 20);
  assert.ok(facts.bytesDownloaded > 0);
});
