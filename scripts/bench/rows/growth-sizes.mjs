import { framesASecond } from "../clips.mjs";
import { LIMITS_OFF, nullDecode } from "../frames.mjs";
import { median } from "../statistics.mjs";

export const titles = { "growth-sizes": "what larger pictures cost: 360p, 1080p, 2160p, every frame by the library in yuv420p" };

/** Seconds of archive: small pictures need more of them to be measured at all. */
const SIZES = { "360p30": 60, "1080p30": 30, "2160p30": 10 };
const LIMIT = "decode limit";

export async function run(bench, [name]) {
  const cameras = Object.fromEntries(Object.keys(SIZES).map((clip) => [clip, { clip, history: 180 }]));
  const emulated = await bench.emulate(cameras, { limits: false });
  const lines = [];
  for (const [clip, seconds] of Object.entries(SIZES)) lines.push(await lineOf(bench, emulated, clip, seconds));
  const columns = ["stream", "seconds of it", "fps", `fps of the ${LIMIT}`, "speed ratio", "CPU s", `CPU s of the ${LIMIT}`, "CPU ratio"];
  return { growth: [{ name, title: titles[name], columns, lines, notes: [`Medians of three, in turns; ${LIMITS_OFF}: no more than 20 times real time.`] }] };
}

async function lineOf(bench, emulated, clip, seconds) {
  const archive = await emulated.archive(clip, seconds);
  const file = await bench.clips.repeat(clip, seconds);
  const settings = { endpointUrl: emulated.url, streamName: clip, start: archive.startMs, end: archive.endMs, pixelFormat: "yuv420p", ffmpegPath: bench.ffmpeg.path };
  bench.say(`${seconds} s of ${clip}`);
  const results = await bench.interleave({
    ours: () => bench.library("read-all.mjs", settings).run(),
    [LIMIT]: () => bench.runFfmpeg(nullDecode(file), { output: "text" }).run(),
  }, { rounds: 3 });
  const of = (contender, key) => median(results[contender].map((sample) => sample[key]));
  const fps = (contender) => (seconds * framesASecond(clip)) / of(contender, "wall");
  return [
    clip, seconds, fps("ours").toFixed(0), fps(LIMIT).toFixed(0), (fps("ours") / fps(LIMIT)).toFixed(2),
    of("ours", "cpu").toFixed(2), of(LIMIT, "cpu").toFixed(2), (of("ours", "cpu") / of(LIMIT, "cpu")).toFixed(2),
  ];
}
