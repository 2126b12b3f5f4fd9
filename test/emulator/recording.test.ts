import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { pictureHashes } from "../helpers/decode.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { RECORDINGS } from "../helpers/footage.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";
import { runTool } from "../helpers/tool.js";

const folder = mkdtempSync(join(tmpdir(), "recordings-"));
after(() => { rmSync(folder, { recursive: true }); });

const VARIABLE = "settb=1/1000,setpts='if(eq(N,0),0,PREV_OUTPTS+20+mod(7*N,43))'";
/** Files that must be encoded anew: key frames too far apart, another codec, groups that lean on each other. */
const UNFIT = {
  "sparse.mp4": ["-c:v", "libx264", "-preset", "ultrafast", "-g", "500"],
  "variable.mkv": ["-vf", VARIABLE, "-fps_mode", "passthrough", "-enc_time_base", "1/1000", "-c:v", "mpeg4", "-g", "30"],
  "open.mp4": ["-c:v", "libx264", "-preset", "veryfast", "-x264-params", "keyint=28:min-keyint=28:scenecut=0:open-gop=1:bframes=3:b-adapt=0"],
};
const makeUnfit = () => Promise.all(Object.entries(UNFIT).map(([name, encoder]) =>
  runTool(FFMPEG, ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=12", ...encoder, join(folder, name)])));

/** When each picture of a file is shown, milliseconds from the first. */
async function pictureTimes(path: string): Promise<number[]> {
  const csv = (await runTool("ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path])).toString();
  const times = csv.trim().split("\n").map((line) => parseFloat(line) * 1000).sort((a, b) => a - b);
  return times.map((ms) => ms - times[0]!);
}

const files = [...RECORDINGS, ...Object.keys(UNFIT).map((name) => join(folder, name))];
const emulated = new Emulated({ cameras: files.map((path) => ({ name: basename(path), source: { kind: "file", path } })), limits: false }, makeUnfit);

async function servedFragments(name: string) {
  const { fragments } = await readPlaylist(await mediaPlaylistUrl(await emulated.open(name, { MaxMediaPlaylistFragmentResults: 6 })));
  assert.ok(fragments.length > 4);
  return fragments;
}

for (const path of RECORDINGS) {
  test(`${basename(path)}: every served picture is, bit for bit, the one of the file that the truth names`, async () => {
    const source = await pictureHashes(await readFile(path));
    for (const { initUrl, url, number } of await servedFragments(basename(path))) {
      const served = await pictureHashes(Buffer.concat([await getBytes(initUrl), await getBytes(url)]));
      const { frames } = emulated.camera(basename(path)).truth(number)!;
      assert.deepEqual(served, frames.map(({ counter }) => source[counter]));
    }
  });
}

for (const name of Object.keys(UNFIT)) {
  test(`${name}: encoded anew at the same times, in short fragments that stand alone`, async () => {
    const times = await pictureTimes(join(folder, name));
    for (const { initUrl, url, number, durationMs } of await servedFragments(name)) {
      const { frames } = emulated.camera(name).truth(number)!;
      const [first] = frames;
      assert.equal((await pictureHashes(Buffer.concat([await getBytes(initUrl), await getBytes(url)]))).length, frames.length);
      assert.ok(durationMs <= 10_000);
      for (const { counter, producerMs } of frames) {
        assert.ok(Math.abs(producerMs - first!.producerMs - (times[counter]! - times[first!.counter]!)) < 0.1, `picture ${counter}`);
      }
    }
  });
}
