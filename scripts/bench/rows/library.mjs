import { checkFrames, LIMITS_OFF, nullDecode, progressFrames } from "../frames.mjs";
import { pythonWith } from "../peers.mjs";
import { row } from "../results.mjs";

export const titles = {
  "library-bgr24": "every frame of an archive by the library, bgr24: speed, beside the decode limit and OpenCV",
  "library-yuv420p": "the same in yuv420p",
};

const CLIP = "1080p30";
const LIMIT = "ffmpeg -i clip -f null -";
const OPENCV = "OpenCV";
const PYAV = "PyAV";
/** How frames are decoded, and what the table calls that. */
const WAYS = { "node-av": "decoded in the program (node-av)", ffmpeg: "decoded by a program of its own" };
const FORMATS = { "library-bgr24": { pixelFormat: "bgr24", atLeast: 0.6 }, "library-yuv420p": { pixelFormat: "yuv420p", atLeast: 0.8 } };

export async function run(bench, wanted) {
  const emulated = await bench.emulate({ front: { clip: CLIP, history: 120 } }, { limits: false });
  const archive = await emulated.archive("front", bench.choose(40, 20));
  const clip = await bench.clips.repeat(CLIP, archive.seconds);
  const results = await bench.interleave({
    ...Object.fromEntries(wanted.flatMap((name) => Object.keys(WAYS).map((decoder) => [`${name}, ${decoder}`, () => readAll(bench, emulated, archive, FORMATS[name].pixelFormat, decoder)]))),
    [LIMIT]: () => bench.runFfmpeg(nullDecode(clip), { output: "text" }).run(),
    [OPENCV]: await pythonReader(bench, "opencv", () => emulated.openSession("front", archive)),
    [PYAV]: await pythonReader(bench, "pyav", () => emulated.openSession("front", archive)),
  });
  return { rows: wanted.flatMap((name) => Object.keys(WAYS).flatMap((decoder) => rowsOf(name, decoder, archive, results))) };
}

const readAll = (bench, { url }, { startMs, endMs }, pixelFormat, decoder) =>
  bench.library("read-all.mjs", { endpointUrl: url, streamName: "front", start: startMs, end: endMs, pixelFormat, ...bench.decoder(decoder) }).run();

/** A contender in Python that turns each frame into a bgr24 array, or why there is none. */
async function pythonReader(bench, peer, openUrl) {
  const { command, missing } = await pythonWith(peer);
  return missing ?? (async () => bench.python(command, `${peer}.py`, await openUrl()).run());
}

function rowsOf(name, decoder, archive, all) {
  const { pixelFormat, atLeast } = FORMATS[name];
  const ours = all[`${name}, ${decoder}`];
  const results = { "kvs-frames": ours, [LIMIT]: all[LIMIT], [OPENCV]: all[OPENCV], [PYAV]: all[PYAV] };
  const framesOf = (sample) => (sample.stdout.startsWith("{") ? JSON.parse(sample.stdout).frames : progressFrames(sample));
  const notes = [LIMITS_OFF, ...checkFrames(results, archive.frames, framesOf)];
  const { [LIMIT]: limit, ...readers } = results;
  const facts = { name, unit: "s", valueIn: ({ wall }) => wall, kind: "speed", notes };
  const what = `${archive.seconds} s of 1080p30 in ${pixelFormat}, ${WAYS[decoder]}`;
  return [
    row({ ...facts, figure: `${what}, beside the decode limit`, results: { "kvs-frames": ours, [LIMIT]: limit }, against: LIMIT, target: { atLeast } }),
    row({ ...facts, figure: `${what}, beside OpenCV`, results: readers, against: OPENCV, target: { atLeast: 1 } }),
  ];
}
