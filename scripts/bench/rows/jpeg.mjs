import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkFrames, LIMITS_OFF, rangeFlags } from "../frames.mjs";
import { row } from "../results.mjs";

export const titles = { "jpeg-5fps": "five JPEGs a second from an archive: CPU, beside ffmpeg's fps=5" };

const PEER = "ffmpeg -i URL -vf fps=5 -q:v 3";
const FPS = 5;

export async function run(bench, [name]) {
  const emulated = await bench.emulate({ front: { clip: "1080p30", history: 120 } }, { limits: false });
  const archive = await emulated.archive("front", bench.choose(40, 20));
  const results = await bench.interleave({
    "kvs-frames": () => intoDirectory(bench, (out) => bench.pull(emulated, "front", [...rangeFlags(archive), "--target-fps", String(FPS), "--out", out])),
    [PEER]: async () => {
      const url = await emulated.openSession("front", archive);
      return intoDirectory(bench, (out) => bench.runFfmpeg(["-i", url, "-vf", `fps=${FPS}`, "-q:v", "3", join(out, "out_%05d.jpg")]));
    },
  });
  const notes = [LIMITS_OFF, ...checkFrames(results, archive.seconds * FPS, ({ files }) => files, 1)];
  return {
    rows: [row({
      name, figure: `${archive.seconds} s of 1080p30, CPU`, unit: "s", results, valueIn: ({ cpu }) => cpu, against: PEER, target: { atMost: 1 }, notes,
    })],
  };
}

/** Runs what writes files, and counts them. */
async function intoDirectory(bench, commandFor) {
  const out = bench.fresh("jpeg");
  await mkdir(out);
  const sample = await commandFor(out).run();
  const files = (await readdir(out)).length;
  await rm(out, { recursive: true });
  return { ...sample, files };
}
