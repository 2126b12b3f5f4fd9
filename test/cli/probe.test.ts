import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, kvsFrames, type Environment } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { RECORDINGS } from "../helpers/footage.js";
import { assertNear } from "../helpers/probing.js";
import { temporaryDirectory } from "../helpers/test-frame.js";
import { runTool } from "../helpers/tool.js";

const ESCAPE = String.fromCharCode(27);
const SMALL = "testsrc,size=64x64,fps=10,loop=4";
const emulated = new Emulated({
  limits: false,
  cameras: [
    ...[`front=${SMALL},history=300`, `late=${SMALL},latency=14000,history=300`, `gappy=${SMALL},history=300`, `off=${SMALL},history=300`, `shut=${SMALL}`, "odd=testsrc,size=64x64,codec=vp9", `forgetful=${SMALL},retention=0`, `busy=${SMALL}`, `mute=${SMALL}`].map(parseCamera),
    ...RECORDINGS.map((path, at) => ({ name: `recording-${at}`, source: { kind: "file", path } as const, historySeconds: 300 })),
  ],
});

interface Report {
  readonly type: string;
  readonly schema: number;
  readonly windowMs: number;
  readonly asked: string;
  readonly verdict: { readonly level: string };
  readonly findings: readonly { readonly id: string }[];
  readonly video: { readonly width: number; readonly height: number; readonly profile: string; readonly level: string };
  readonly pictures: { readonly fps: number };
  readonly coverage: { readonly fragments: number };
  readonly cost: { readonly everyFrame: { readonly bytesPerDay: number; readonly pricePerDay: number } };
}
const reportOf = (stdout: Buffer): Report => JSON.parse(stdout.toString()) as Report;

const probe = (context: TestContext, stream: string, flags: readonly string[] = [], env?: Environment) =>
  kvsFrames(context, ["probe", "--stream-name", stream, "--endpoint-url", emulated.emulator.url, ...flags], env);

describe("kvs-frames probe", { concurrency: 2 }, () => {
  before(() => {
    emulated.camera("gappy").goOffline(Date.now() - 90_000, Date.now() - 80_000);
    emulated.camera("off").setOnline(false, Date.now() - 60_000);
    emulated.camera("shut").description.isAuthorized = false;
    emulated.emulator.inject({ kind: "stall", stream: "mute", operation: "GetHLSStreamingSessionURL", for: "600s" });
    emulated.emulator.inject({ kind: "status", status: 503, stream: "busy", operation: "GetHLSStreamingSessionURL", for: "600s" });
  });

  test("reports to stdout in 80 columns without colour, and says nothing on stderr", async (context) => {
    const { code, stdout, stderr } = await probe(context, "front");
    const lines = stdout.toString().split("\n");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(lines[0] ?? "", /^front, probed at .*Z in \d+(\.\d+)? m?s$/);
    assert.equal(lines[2], "HEALTHY");
    assert.ok(lines.every((line) => line.length <= 80 && !line.includes(ESCAPE)));
  });

  test("needs neither ffmpeg nor anything of it", async (context) => {
    const { code, stderr } = await probe(context, "front", [], { PATH: "/nowhere", KVS_FRAMES_FFMPEG: "/nowhere/ffmpeg" });
    assert.deepEqual([code, stderr], [0, ""]);
  });

  test("--json is one object on one line", async (context) => {
    const { code, stdout } = await probe(context, "front", ["--json", "--window", "1m", "--price-per-gb", "1"]);
    assert.equal(code, 0);
    const report = reportOf(stdout);
    assert.deepEqual([report.type, report.schema, report.verdict.level, report.windowMs], ["probe", 1, "ok", 60_000]);
    assert.ok(!stdout.toString().includes("SessionToken") && stdout.toString().trimEnd().split("\n").length === 1);
    const { bytesPerDay, pricePerDay } = report.cost.everyFrame;
    assertNear(pricePerDay, bytesPerDay / 1e9, 1e-3, "price of a day at 1 USD");
    assertNear(report.coverage.fragments, 30, 2, "fragments of a minute");
  });

  const codes: readonly (readonly [stream: string, flags: readonly string[], exitCode: number, says: RegExp])[] = [
    ["front", ["--check"], 0, /^HEALTHY$/m],
    ["front", ["--max-latency", "5s", "--min-fps", "9.9", "--max-gap", "1s"], 0, /^HEALTHY$/m],
    ["late", [], 0, /^WARNING {2}footage arrives late/m],
    ["late", ["--check"], 0, /^WARNING/m],
    ["late", ["--max-latency", "10s"], 76, /^PROBLEM {2}the latency is 1[3-5](\.\d+)? s, wanted 10 s/m],
    ["front", ["--min-fps", "12"], 76, /^PROBLEM {2}the frame rate is 10 fps, wanted 12 fps/m],
    ["gappy", ["--max-gap", "5s"], 76, /^PROBLEM {2}the longest gap is (8|10|12) s, wanted 5 s/m],
    ["gappy", ["--max-gap", "15s"], 0, /^WARNING {2}1 gap in the last 5 min/m],
    ["gappy", ["--window", "60s", "--max-gap", "5s"], 0, /^HEALTHY$/m],
    ["off", [], 0, /^PROBLEM {2}the camera is offline/m],
    ["off", ["--check"], 69, /^PROBLEM {2}the camera is offline/m],
    ["off", ["--max-latency", "5s"], 69, /^x {2}the latency could not be measured/m],
    ["busy", [], 0, /^PROBLEM {2}the service failed \(GetHLSStreamingSessionURL: .*503\)/m],
    ["busy", ["--check"], 75, /^PROBLEM/m],
    ["odd", ["--check"], 65, /^PROBLEM {2}the service cannot play this media/m],
    ["forgetful", ["--check"], 78, /^PROBLEM {2}the stream keeps nothing/m],
    ["shut", [], 77, /^PROBLEM {2}the caller may not play this stream/m],
    ["nope", [], 66, /^PROBLEM {2}there is no such stream/m],
  ];
  for (const [stream, flags, exitCode, says] of codes) {
    test(`${stream} ${flags.join(" ")} is ${exitCode}`, async (context) => {
      const { code, stdout, stderr } = await probe(context, stream, flags);
      assert.match(stdout.toString(), says);
      assert.deepEqual([code, stderr], [exitCode, ""]);
    });
  }

  test("a service that is not there is 75, and told in the report", async (context) => {
    const { code, stdout } = await kvsFrames(context, ["probe", "--stream-name", "front", "--endpoint-url", "http://127.0.0.1:9", "--json"]);
    assert.equal(code, 75);
    assert.deepEqual(reportOf(stdout).findings.map(({ id }) => id), ["unreachable"]);
  });

  const mistakes: readonly (readonly [flags: readonly string[], says: RegExp])[] = [
    [["--window", "25h"], /--window must be 24h at most/],
    [["--price-per-gb", "-1"], /--price-per-gb must be at least 0, got -1/],
    [["--min-fps", "many"], /--min-fps must be a number, got "many"/],
    [["--camera-id", "x"], /unknown option '--camera-id'/],
    [["--timeout", "0"], /--timeout must be/],
    [["--timeout", "20m"], /--timeout must be from 0\.1 to 600 seconds/],
  ];
  for (const [flags, says] of mistakes) {
    test(`${flags.join(" ")} is 64`, async (context) => {
      const { code, stdout, stderr } = await probe(context, "front", flags);
      assert.deepEqual([code, stdout.toString()], [64, ""]);
      assert.match(stderr, says);
    });
  }

  test("no region is 78, no credentials are 77, each in one sentence", async (context) => {
    const region = await probe(context, "front", [], { AWS_REGION: undefined });
    assert.equal(region.code, 78);
    assert.match(region.stderr, /^kvs-frames: .*Region is missing; give --region.*\n$/);
    const keys = await probe(context, "front", [], { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    assert.equal(keys.code, 77);
    assert.match(keys.stderr, /^kvs-frames: .*credentials.*\n$/);
  });

  test("stopped, it ends at once and in silence", async (context) => {
    const command = await Command.start(context, ["probe", "--stream-name", "mute", "--endpoint-url", emulated.emulator.url]);
    while (!emulated.emulator.journal.some(({ streamName }) => streamName === "mute")) await sleep(20);
    command.child.kill("SIGINT");
    const { code, stdout, stderr } = await command.ended;
    assert.deepEqual([code, stdout.toString(), stderr], [130, "", ""]);
  });

  test("flags may come from a file", async (context) => {
    const file = join(await temporaryDirectory(context), "probe.json");
    await writeFile(file, JSON.stringify({ "stream-name": "front", "min-fps": 12, json: true }));
    const { code, stdout } = await kvsFrames(context, ["probe", "--config", file, "--endpoint-url", emulated.emulator.url]);
    assert.equal(code, 76);
    assert.equal(reportOf(stdout).asked, "front");
  });

  for (const [at, path] of RECORDINGS.entries()) {
    test(`a real recording (${path.split("/").at(-1)}) is as ffprobe has it`, async (context) => {
      const args = ["-v", "error", "-select_streams", "v:0", "-of", "json", "-show_entries", "stream=width,height,profile,level,r_frame_rate,has_b_frames", path];
      const { streams } = JSON.parse((await runTool("ffprobe", args)).toString()) as { streams: { width: number; height: number; profile: string; level: number; r_frame_rate: string }[] };
      const { stdout } = await probe(context, `recording-${at}`, ["--json"]);
      const { video, pictures } = reportOf(stdout);
      const { width, height, profile, level, r_frame_rate } = streams[0]!;
      assert.deepEqual([video.width, video.height, video.profile, Number(video.level) * 10], [width, height, profile, level]);
      const [frames = 0, seconds = 1] = r_frame_rate.split("/").map(Number);
      assertNear(pictures.fps, frames / seconds, frames / seconds / 100, "frame rate");
    });
  }
});
