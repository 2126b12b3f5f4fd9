import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { runTool } from "../helpers/tool.js";

const SMALL = "size=320x180,loop=6";
const cameras = [
  `h264=testsrc,${SMALL}`,
  `bframes-audio=testsrc,${SMALL},bframes=2,fps=29.97,audio`,
  `h265=testsrc,${SMALL},codec=h265,bframes=2`,
].map(parseCamera);
const emulated = new Emulated({ cameras, limits: false });

/** Plays five seconds and counts the pictures; every complaint of ffmpeg is a failure. */
async function play(url: string): Promise<number> {
  const args = ["-v", "warning", "-xerror", "-i", url, "-map", "0:v:0", "-t", "5", "-fps_mode", "passthrough", "-f", "framemd5", "-"];
  return (await runTool(FFMPEG, args)).toString().split("\n").filter((line) => /^0,/.test(line)).length;
}

for (const { name } of cameras) {
  const HLSFragmentSelector = { FragmentSelectorType: "PRODUCER_TIMESTAMP" } as const;

  test(`ffmpeg plays five live seconds of ${name}, and ffprobe tells its tracks`, async () => {
    const url = await emulated.open(name, { HLSFragmentSelector });
    assert.ok(Math.abs((await play(url)) - 150) <= 1);
    const probe = await runTool("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", await emulated.open(name, { HLSFragmentSelector })]);
    const codecs = new Set(probe.toString().trim().split(/\s+/));
    assert.deepEqual(codecs, new Set([name === "h265" ? "hevc" : "h264", ...(name === "bframes-audio" ? ["aac"] : [])]));
  });

  test(`ffmpeg plays five archived seconds of ${name}, over the loop's seam`, async () => {
    const TimestampRange = { StartTimestamp: new Date(Date.now() - 30_000), EndTimestamp: new Date(Date.now() - 20_000) };
    const url = await emulated.open(name, { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { ...HLSFragmentSelector, TimestampRange } });
    assert.ok(Math.abs((await play(url)) - 150) <= 1);
  });
}
