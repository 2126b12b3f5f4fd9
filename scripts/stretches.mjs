// Overwrites stretches of fragments anywhere, as the emulator's fault "corrupt" does, and counts where a wrong picture comes
// out: with ffmpeg alone, and behind the look at the NAL units. Makes a table of docs/corruption.md.
// Usage: npm run -s build && [SEEDS=60] [THREADS=1] [FILL=zeros] node scripts/stretches.mjs [FFMPEG | node-av]
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { decoderArgs } from "../dist/decoder/args.js";
import { FramePool } from "../dist/decoder/frame-pool.js";
import { Intake } from "../dist/decoder/intake.js";
import { Ledger } from "../dist/decoder/ledger.js";
import { loadLibraries } from "../dist/decoder/node-av.js";
import { isFailure, run as runDecoder } from "../dist/decoder/run.js";
import { corruptSamples } from "../dist/emulator/faults/fragment-bytes.js";
import { readInitSegment } from "../dist/media/init.js";
import { PictureReader } from "../dist/media/pictures.js";
import { Remuxer } from "../dist/media/remux.js";
import { readSamples } from "../dist/media/samples.js";

const run = promisify(execFile);
const [ffmpeg = "ffmpeg"] = process.argv.slice(2);
const SEEDS = Number(process.env.SEEDS ?? 60);
const THREADS = Number(process.env.THREADS ?? 1);
const { FILL = "noise" } = process.env;
const SIZE = { width: 160, height: 90 };
const LENGTHS = [50, 200, 1000, 2000];

/** The init segment and a fragment of five pictures. */
async function clip(codec, bFrames) {
  const group = `keyint=5:min-keyint=5:scenecut=0:bframes=${bFrames}`;
  const encoder = codec === "H.264" ? ["-c:v", "libx264", "-x264-params", group] : ["-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", `${group}:open-gop=0:log-level=error`];
  const source = ["-f", "lavfi", "-i", `testsrc2=size=${SIZE.width}x${SIZE.height}:rate=10`, "-frames:v", "20", "-pix_fmt", "yuv420p"];
  const fragmented = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "-"];
  const { stdout: whole } = await run("ffmpeg", ["-v", "error", ...source, ...encoder, "-preset", "veryfast", ...fragmented], { encoding: "buffer", maxBuffer: 2 ** 28 });
  const boxes = [];
  for (let at = 0; at < whole.length; at += whole.readUInt32BE(at)) boxes.push(whole.subarray(at, at + whole.readUInt32BE(at)));
  const is = (box, ...types) => types.includes(box.toString("latin1", 4, 8));
  const at = boxes.findLastIndex((box) => is(box, "moof"));
  return { init: readInitSegment(Buffer.concat(boxes.filter((box) => is(box, "ftyp", "moov")))), fragment: Buffer.concat([boxes[at], boxes[at + 1]]) };
}

const libraries = ffmpeg === "node-av" ? await loadLibraries() : undefined;
const md5 = (bytes) => createHash("md5").update(bytes).digest("hex");

/** Hashes of the pictures, in order of presentation. */
const decoded = (init, samples) => (libraries === undefined ? decodedByProgram(init, samples) : decodedHere(init, samples));

async function decodedHere(init, samples) {
  const pictures = new Remuxer().write(samples, new Map(samples.map(({ index }, place) => [place, index])));
  const options = { ffmpeg: libraries, init, output: { pixelFormat: "gray8", ...SIZE, threads: THREADS }, pool: new FramePool(), stallMs: 10_000, controller: new AbortController(), onLost: () => undefined };
  const hashes = [];
  try {
    for await (const { data } of runDecoder(new Intake(Readable.from([pictures])), new Ledger(), options)) hashes.push(md5(data));
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  return hashes;
}

async function decodedByProgram(init, samples) {
  const child = spawn(ffmpeg, decoderArgs({ pixelFormat: "gray8", ...SIZE, threads: THREADS }), { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(Buffer.concat([init.bytes, ...new Remuxer().write(samples, new Map(samples.map(({ index }, place) => [place, index]))).bytes]));
  const [pixels] = await Promise.all([buffer(child.stdout), text(child.stderr), text(child.stdio[3])]);
  const bytes = SIZE.width * SIZE.height;
  return Array.from({ length: Math.floor(pixels.length / bytes) }, (_, at) => md5(pixels.subarray(at * bytes, (at + 1) * bytes)));
}

/** How many pictures are ahead of the first sample that the headers show to be damaged: these are decoded, those behind it are lost. */
function leftOf(samples, init) {
  const { pictures, faulty } = new PictureReader(init).read(samples);
  return Math.min(pictures.length, ...faulty.map(({ position }) => position));
}

/** The fragment with the same stretch overwritten by noise, or by zeros. */
function overwritten(fragment, length, seed) {
  const noisy = corruptSamples(fragment, length, seed);
  if (FILL === "noise") return noisy;
  const isChanged = (byte, at) => byte !== fragment[at];
  return Buffer.from(fragment).fill(0, noisy.findIndex(isChanged), noisy.findLastIndex(isChanged) + 1);
}

console.log("| codec | bytes | cases | over a border of samples | of these refused | wrong pictures, ffmpeg alone | wrong pictures, now |\n|---|---|---|---|---|---|---|");
for (const codec of ["H.264", "H.265"]) {
  const clips = await Promise.all([0, 2].map((bFrames) => clip(codec, bFrames)));
  for (const length of LENGTHS) {
    const count = { cases: 0, over: 0, overRefused: 0, before: 0, now: 0 };
    for (const [which, { init, fragment }] of clips.entries()) {
      const good = readSamples(fragment, init);
      const { pictures } = new PictureReader(init).read(good);
      const [{ setup }] = pictures;
      const clean = await decoded(setup, pictures);
      for (let seed = 0; seed < SEEDS; seed++) {
        const samples = readSamples(overwritten(fragment, length, `${codec} ${which} ${length} ${seed}`), init);
        const isOver = samples.filter(({ data }, place) => !data.equals(good[place].data)).length > 1;
        const left = leftOf(samples, init);
        const refused = left < pictures.length;
        const damaged = pictures.map((picture, place) => ({ ...picture, data: samples[place].data }));
        const isWrong = async (some) => (await decoded(setup, some)).some((hash) => !clean.includes(hash));
        count.cases += 1;
        count.over += Number(isOver);
        count.overRefused += Number(isOver && refused);
        count.before += Number(await isWrong(damaged));
        count.now += Number(await isWrong(damaged.slice(0, left)));
      }
    }
    console.log(`| ${[codec, length, ...Object.values(count)].join(" | ")} |`);
  }
}
