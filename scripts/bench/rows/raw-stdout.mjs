import { pixelsOf } from "../clips.mjs";
import { checkFrames, LIMITS_OFF, rangeFlags } from "../frames.mjs";
import { row } from "../results.mjs";

export const titles = { "raw-stdout": "every frame of an archive as raw pixels to stdout: speed, beside ffmpeg on the URL" };

const CLIP = "1080p30";
const PEER = "ffmpeg -i URL -f rawvideo -";

export async function run(bench, [name]) {
  const emulated = await bench.emulate({ front: { clip: CLIP, history: 120 } }, { limits: false });
  const archive = await emulated.archive("front", bench.choose(60, 20));
  const ours = bench.pull(emulated, "front", [...rangeFlags(archive), "--format", "raw", "--out", "-"], { output: "pipe" });
  const results = await bench.interleave({
    "kvs-frames": () => ours.run(),
    [PEER]: async () => {
      const url = await emulated.openSession("front", archive);
      return bench.runFfmpeg(["-i", url, "-f", "rawvideo", "-pix_fmt", "bgr24", "-"], { output: "pipe" }).run();
    },
  });
  const bytes = pixelsOf(CLIP) * 3;
  const notes = [LIMITS_OFF, ...checkFrames(results, archive.frames, ({ pipedBytes }) => pipedBytes / bytes)];
  return {
    rows: [row({
      name, figure: `${archive.seconds} s of 1080p30 in bgr24`, unit: "s", results, valueIn: ({ wall }) => wall,
      against: PEER, kind: "speed", target: { atLeast: 0.95 }, notes,
    })],
  };
}
