import { manyCameras, missingPool, readKeyFrames } from "../key-cameras.mjs";
import { row } from "../results.mjs";

export const titles = { "cameras-20": "20 live cameras, 720p15, at one key frame each: CPU and memory, beside 20 ffmpeg at fps=1" };

const COUNT = 20;
/** How frames are decoded, and what the table calls that. */
const WAYS = { "node-av": "decoded in the program (node-av)", ffmpeg: "decoded by one ffmpeg" };
const PEER = "20 × ffmpeg -i URL -vf fps=1";
/** All of them at a time; each is told to end like by Ctrl-C. */
const TOGETHER = `for url in "\${@:3}"; do timeout --foreground -s INT "$2" "$1" -nostdin -v error -i "$url" -vf fps=1 -f rawvideo - > /dev/null & done; wait; exit 0`;

export async function run(bench, [name]) {
  const emulated = await bench.emulate(manyCameras(COUNT));
  const seconds = bench.choose(20, 8);
  const results = await bench.interleave({
    ...Object.fromEntries(Object.keys(WAYS).map((decoder) => [decoder, missingPool ?? (() => readKeyFrames(bench, emulated, { count: COUNT, seconds, decoder }))])),
    [PEER]: async () => {
      const urls = await Promise.all(Object.keys(manyCameras(COUNT)).map((camera) => emulated.openSession(camera)));
      return bench.command(["bash", "-c", TOGETHER, "bench", bench.ffmpeg.path, String(seconds), ...urls], { watchMemory: true }).run();
    },
  }, { rounds: bench.choose(3, 2) });
  return { rows: Object.entries(WAYS).flatMap(([decoder, way]) => rowsOf(name, `${way}, ${seconds} s`, { "kvs-frames": results[decoder], [PEER]: results[PEER] })) };
}

function rowsOf(name, what, results) {
  const notes = missingPool ? [] : [`${what}: ${results["kvs-frames"].map(({ stdout }) => JSON.parse(stdout).frames).join(", ")} frames`];
  const facts = { name, results, against: PEER, target: { atMost: 0.15 }, notes };
  return [
    row({ ...facts, figure: `CPU, ${what}`, unit: "s", valueIn: ({ cpu }) => cpu }),
    row({ ...facts, figure: `peak RSS of all processes, ${what}`, unit: "MB", valueIn: ({ peakMb }) => peakMb }),
  ];
}
