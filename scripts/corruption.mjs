// Damages samples of a stream and counts what each set of ffmpeg options lets out: makes the tables of docs/corruption.md.
// Usage: npm run -s build && [SEEDS=1] [THREADS=1] [ONLY="-xerror|none"] node scripts/corruption.mjs [FFMPEG] [RECORDING…]
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { decoderArgs } from "../dist/decoder/args.js";
import { readInitSegment } from "../dist/media/init.js";
import { PictureReader } from "../dist/media/pictures.js";
import { Remuxer } from "../dist/media/remux.js";
import { readSamples } from "../dist/media/samples.js";

const run = promisify(execFile);
const [ffmpeg = "ffmpeg", ...recordings] = process.argv.slice(2);
/** How often each damage is done, at other places and with other bytes. */
const { SEEDS = "1", THREADS = "1", ONLY: only } = process.env;
const JOBS = 2;

/** Options for the decoder, and for ffmpeg as a whole. */
const CANDIDATES = {
  "none": { decoder: [], ffmpeg: [] },
  "-xerror": { decoder: [], ffmpeg: ["-xerror"] },
  "-err_detect explode": { decoder: ["-err_detect", "explode"], ffmpeg: [] },
  "-xerror -err_detect explode": { decoder: ["-err_detect", "explode"], ffmpeg: ["-xerror"] },
  "… +crccheck+bitstream+buffer": { decoder: ["-err_detect", "explode+crccheck+bitstream+buffer"], ffmpeg: ["-xerror"] },
  "… +careful+compliant+aggressive": { decoder: ["-err_detect", "explode+crccheck+bitstream+buffer+careful+compliant+aggressive"], ffmpeg: ["-xerror"] },
  "-xerror -err_detect explode -ec 0": { decoder: ["-err_detect", "explode", "-ec", "0"], ffmpeg: ["-xerror"] },
  "-xerror -err_detect explode -flags -output_corrupt": { decoder: ["-err_detect", "explode", "-flags", "-output_corrupt"], ffmpeg: ["-xerror"] },
  "-flags -output_corrupt -fflags +discardcorrupt": { decoder: ["-flags", "-output_corrupt", "-fflags", "+discardcorrupt"], ffmpeg: [] },
};

/** A generator of numbers from 0 to 1 that gives the same ones in every run. */
function random(seed) {
  let state = createHash("md5").update(seed).digest().readUInt32LE();
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const FRAGMENTED = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "-"];
const mp4 = async (args) => (await run("ffmpeg", ["-v", "error", ...args, ...FRAGMENTED], { encoding: "buffer", maxBuffer: 2 ** 28 })).stdout;

function generated(codec, bFrames, slices, openGop = 0) {
  const source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10,noise=alls=12:allf=t", "-frames:v", "40", "-pix_fmt", "yuv420p"];
  const group = `keyint=10:min-keyint=10:scenecut=0:open-gop=${openGop}`;
  const x264 = ["-c:v", "libx264", "-preset", "veryfast", "-x264-params", `${group}:bframes=${bFrames}:slices=${slices}`];
  const x265 = ["-c:v", "libx265", "-preset", "veryfast", "-tag:v", "hvc1", "-x265-params", `${group}:bframes=${bFrames}:slices=${slices}:log-level=error`];
  return mp4([...source, "-threads", "1", ...(codec === "H.264" ? x264 : x265)]);
}

async function clips() {
  const made = [];
  for (const codec of ["H.264", "H.265"]) {
    for (const bFrames of [0, 3]) for (const slices of [1, 4]) made.push([`${codec}, ${bFrames} B-frames, ${slices} slice${slices > 1 ? "s" : ""}`, await generated(codec, bFrames, slices)]);
  }
  const joined = await Promise.all(["H.264", "H.265"].map(async (codec) => {
    const { init, fragments } = split(await generated(codec, 3, 1, 1), 1);
    return { name: `${codec}, open groups, joined in the middle`, isHealthOnly: true, init, fragments };
  }));
  for (const file of recordings) made.push([file.split("/").at(-1), await mp4(["-i", file, "-map", "0:v:0", "-c", "copy"])]);
  return [...joined, ...made.map(([name, bytes]) => ({ name, isHealthOnly: false, ...split(bytes) }))];
}

/** The init segment, and the samples of three fragments. */
function split(whole, from = 0) {
  const boxes = [];
  for (let at = 0; at < whole.length; at += whole.readUInt32BE(at)) boxes.push(whole.subarray(at, at + whole.readUInt32BE(at)));
  const is = (box, ...types) => types.includes(box.toString("latin1", 4, 8));
  const init = readInitSegment(Buffer.concat(boxes.filter((box) => is(box, "ftyp", "moov"))));
  const starts = boxes.flatMap((box, index) => (is(box, "moof") ? [index] : [])).slice(from, from + 3);
  const reader = new PictureReader(init);
  const fragments = starts.map((at) => reader.read(readSamples(Buffer.concat([boxes[at], boxes[at + 1]]), init)).pictures);
  return { init: fragments[0][0].setup, fragments };
}

/** Overwrites `length` bytes somewhere behind the sample's first NAL header. */
function overwrite(length, fill) {
  return (data, next) => {
    const copy = Buffer.from(data);
    const from = Math.min(16, data.length - 1) + Math.floor(next() * Math.max(1, data.length - 16 - length));
    for (let at = from; at < Math.min(from + length, data.length); at++) copy[at] = fill === "zeros" ? 0 : copy[at] ^ (1 + Math.floor(next() * 255));
    return copy;
  };
}

const DAMAGES = [
  ...[1, 8, 64, 512].flatMap((length) => ["random", "zeros"].map((fill) => ({ name: `${length} B ${fill}`, change: overwrite(length, fill) }))),
  { name: "tail cut", change: (data, next) => data.subarray(0, Math.max(1, Math.floor(data.length * next()))) },
  { name: "sample dropped", change: () => undefined },
];

/** The clip with one sample of its second fragment damaged; pictures keep the numbers that they have in the whole clip. */
function damaged({ init, fragments }, damage, where, seed) {
  const next = random(seed);
  const target = where === "key" ? 0 : 1 + Math.floor(next() * (fragments[1].length - 2));
  const remuxer = new Remuxer();
  const parts = fragments.map((samples, number) => {
    const changed = samples.flatMap((sample, position) => {
      if (number !== 1 || position !== target) return [sample];
      const data = damage.change(sample.data, next);
      return data === undefined ? [] : [{ ...sample, data }];
    });
    return remuxer.write(changed, new Map(changed.map(({ index }, place) => [place, `${number}.${index}`])));
  });
  return { names: new Map(parts.flatMap(({ wanted }) => [...wanted])), bytes: Buffer.concat([init.bytes, ...parts.flatMap(({ bytes }) => bytes)]) };
}

/** Hashes of the pictures by name, and how ffmpeg ended. */
async function decoded({ init }, { names, bytes }, { decoder, ffmpeg: global }) {
  const args = decoderArgs({ pixelFormat: "yuv420p", width: init.width, height: init.height, threads: Number(THREADS) }).filter((arg) => arg !== "-xerror");
  args.splice(args.indexOf("-f"), 0, ...decoder);
  const child = spawn(ffmpeg, [...global, ...args], { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(bytes);
  const exited = new Promise((resolve) => child.on("close", resolve));
  const [pixels, numbers] = await Promise.all([buffer(child.stdout), text(child.stdio[3]), text(child.stderr)]);
  const size = (init.width * init.height * 3) / 2;
  const printed = [...numbers.matchAll(/^frame:\d+\s+pts:(\d+)/gm)].map(([, number]) => names.get(Number(number)));
  const pictures = printed.slice(0, Math.floor(pixels.length / size)).map((name, at) => [name, createHash("md5").update(pixels.subarray(at * size, (at + 1) * size)).digest("hex")]);
  return { pictures: new Map(pictures), code: await exited };
}

/** Prints rows: what, options, of what; cases, cases with a picture that differs, such pictures, right ones, cases that ffmpeg ended. */
async function measure() {
  const tallies = new Map();
  const work = [];
  for (const clip of await clips()) {
    const whole = damaged(clip, { change: (data) => data }, "key", "none");
    const { pictures: clean } = await decoded(clip, whole, CANDIDATES.none);
    for (const [options, candidate] of Object.entries(CANDIDATES).filter(([options]) => only === undefined || only.split("|").includes(options))) {
      const healthy = await decoded(clip, whole, candidate);
      if (healthy.code !== 0 || healthy.pictures.size !== clean.size) console.error(`${options} refuses the healthy ${clip.name}`);
      for (const damage of clip.isHealthOnly ? [] : DAMAGES) {
        for (const where of ["key", "other"]) {
          for (let seed = 0; seed < Number(SEEDS); seed++) work.push({ clip, clean, options, candidate, damage, where, seed });
        }
      }
    }
  }
  const worker = async () => {
    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const { clip, clean, options, candidate, damage, where, seed } = item;
      const result = await decoded(clip, damaged(clip, damage, where, `${clip.name} ${damage.name} ${where} ${seed}`), candidate);
      const wrong = [...result.pictures].filter(([name, hash]) => clean.get(name) !== hash).map(([name]) => name);
      for (const key of [["options", options, clip.name.split(",")[0]], ["damage", options, `${clip.name.split(",")[0]}, ${damage.name}, ${where}`], ["clip", options, clip.name]]) {
        const tally = tallies.get(key.join("|")) ?? { key, cases: 0, smearedCases: 0, wrong: 0, right: 0, failed: 0 };
        tallies.set(key.join("|"), tally);
        tally.cases += 1;
        tally.smearedCases += wrong.length > 0 ? 1 : 0;
        tally.wrong += wrong.length;
        tally.right += result.pictures.size - wrong.length;
        tally.failed += result.code === 0 ? 0 : 1;
      }
    }
  };
  await Promise.all(Array.from({ length: JOBS }, worker));
  for (const { key, cases, smearedCases, wrong, right, failed } of tallies.values()) console.log(`| ${key.join(" | ")} | ${cases} | ${smearedCases} | ${wrong} | ${right} | ${failed} |`);
}

await measure();
