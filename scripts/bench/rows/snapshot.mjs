import { row } from "../results.mjs";

export const titles = { snapshot: "the newest picture of a live stream as a JPEG: time, API calls included, beside ffmpeg with the URL ready" };

const PEER = "ffmpeg -i URL -frames:v 1";
const KEY = "snapshot --sampling keyframe";
const EXACT = "snapshot";
/** The service takes one session a second on a stream. */
const PAUSE_MS = 500;

export async function run(bench, [name]) {
  const emulated = await bench.emulate({ front: { clip: "1080p30" }, key: { clip: "1080p30" }, peer: { clip: "1080p30" } });
  const snapshot = (stream, ...flags) => bench.kvsFrames(["snapshot", "--stream-name", stream, "--endpoint-url", emulated.url, "--out", `${stream}.jpg`, ...flags]);
  const [exact, key] = [snapshot("front"), snapshot("key", "--sampling", "keyframe")];
  const results = await bench.interleave({
    [KEY]: () => key.run(),
    [EXACT]: () => exact.run(),
    [PEER]: async () => {
      const url = await emulated.openSession("peer");
      return bench.runFfmpeg(["-i", url, "-frames:v", "1", "theirs.jpg"]).run();
    },
  }, { rounds: bench.choose(10, 3), pauseMs: PAUSE_MS });
  const inMs = ({ wall }) => wall * 1000;
  const rowOf = (ours, figure) => row({ name, figure, unit: "ms", results: { "kvs-frames": results[ours], [PEER]: results[PEER] }, valueIn: inMs, against: PEER, target: { atMost: 1.5 } });
  return {
    rows: [
      rowOf(KEY, "time, 1080p: the newest key picture, as the peer's is one"),
      rowOf(EXACT, "time, 1080p: the newest picture, the last of 60 that lean on each other"),
    ],
  };
}
