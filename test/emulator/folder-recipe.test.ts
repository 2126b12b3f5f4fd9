import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { encodeMedia, parseCamera } from "../../src/emulator/index.js";
import { makeClip } from "../helpers/clip.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { writeFolder } from "../helpers/folder-camera.js";
import { getBytes, readPlaylist, mediaPlaylistUrl } from "../helpers/playlist.js";

const run = promisify(execFile);
const recipes = await readFile(new URL("../../docs/recipes.md", import.meta.url), "utf8");
const [byCurl, byFfmpeg] = Array.from(
  recipes.matchAll(/^```bash\n(.*?)^```$/gms),
  ([, lines]) => lines!,
);

const clip = await makeClip({ frames: 30 });
const folder = await writeFolder([{ name: "whole.mp4", bytes: clip.whole }]);
const emulated = new Emulated({
  cameras: [parseCamera(`gate=${folder},history=20`)],
  limits: false,
});

async function saved(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const cwd = await writeFolder([]);
  await run("bash", ["-c", `set -euo pipefail; ${script}`], {
    cwd,
    env: { ...process.env, ...env },
  });
  return join(cwd, "saved");
}

test("a session saved by curl is played again as it was", async () => {
  const [StartTimestamp, EndTimestamp] = [new Date(Date.now() - 15_000), new Date()];
  const url = await emulated.open("gate", {
    PlaybackMode: "ON_DEMAND",
    HLSFragmentSelector: {
      FragmentSelectorType: "PRODUCER_TIMESTAMP",
      TimestampRange: { StartTimestamp, EndTimestamp },
    },
  });
  const path = await saved(byCurl!, { url });
  const { fragments, text } = await readPlaylist(await mediaPlaylistUrl(url));
  assert.ok(fragments.length >= 12, text);
  const media = await encodeMedia({ path: "/never/run" }, { kind: "folder", path });
  assert.equal(media.clip.fragments.length, fragments.length);
  for (const [i, listed] of fragments.entries()) {
    const { bytes, start } = media.clip.fragments[i]!;
    assert.deepEqual(bytes, await getBytes(listed.url));
    assert.equal(start, listed.startMs - fragments[0]!.startMs);
  }
  assert.deepEqual(
    media.tracks.map(({ init }) => init),
    [await getBytes(fragments[0]!.initUrl)],
  );
  assert.doesNotMatch(await readFile(join(path, "list.m3u8"), "utf8"), /SessionToken/);
});

test("a camera saved by ffmpeg can be played", async () => {
  const file = join(folder, "whole.mp4");
  const script = byFfmpeg!
    .replace("rtsp://camera/stream", file)
    .replace("ffmpeg", `${FFMPEG} -v error`);
  const path = await saved(script);
  const { clip: loop } = await encodeMedia({ path: "/never/run" }, { kind: "folder", path });
  assert.ok(loop.fragments.length > 0);
  assert.equal(Math.round(loop.duration), 3000);
  assert.equal(loop.fragments.flatMap(({ pictures }) => pictures).length, 30);
});
