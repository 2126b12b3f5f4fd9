import { row } from "../results.mjs";

export const titles = { snapshot: "the newest picture of a live stream as a JPEG: time, API calls included, beside ffmpeg with the URL ready" };

const PEER = "ffmpeg -i URL -frames:v 1";
/** The service takes one session a second on a stream. */
const PAUSE_MS = 500;

export async function run(bench, [name]) {
  const emulated = await bench.emulate({ front: { clip: "1080p30" }, peer: { clip: "1080p30" } });
  const ours = bench.kvsFrames(["snapshot", "--stream-name", "front", "--endpoint-url", emulated.url, "--out", "ours.jpg"]);
  const results = await bench.interleave({
    "kvs-frames": () => ours.run(),
    [PEER]: async () => {
      const url = await emulated.openSession("peer");
      return bench.runFfmpeg(["-i", url, "-frames:v", "1", "theirs.jpg"]).run();
    },
  }, { rounds: bench.choose(10, 3), pauseMs: PAUSE_MS });
  const inMs = ({ wall }) => wall * 1000;
  return { rows: [row({ name, figure: "time, 1080p", unit: "ms", results, valueIn: inMs, against: PEER, target: { atMost: 1.5 } })] };
}
