import { row } from "../results.mjs";

export const titles = { "key-in-frame-out": "from a key picture's bytes to its pixels, 1080p: time, by a running decoder and by one that has to start" };

const PEER = "a new ffmpeg on the same bytes";

export async function run(bench, [name]) {
  const settings = { clip: await bench.clips.make("1080p30"), ffmpeg: bench.ffmpeg, rounds: bench.choose(30, 10) };
  bench.say(`${settings.rounds} rounds: warm, cold, ${PEER}`);
  const { stdout } = await bench.library("key-frame.mjs", settings).run();
  const { warm, cold, plain } = JSON.parse(stdout);
  const of = (figure, ours, target) => row({ name, figure, unit: "ms", results: { "kvs-frames": ours, [PEER]: plain }, against: PEER, judged: "value", target });
  return { rows: [of("bgr24, warm", warm, { atMost: 15 }), of("bgr24, cold", cold, { atMost: 120 })] };
}
