// Times from a key picture's bytes to its pixels, in milliseconds: by a decoder that runs (warm), by one that has to start
// (cold), and by a plain ffmpeg on the same bytes.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { decode } from "../../../dist/decoder/decoder.js";
import { FramePool } from "../../../dist/decoder/frame-pool.js";
import { readInitSegment } from "../../../dist/media/init.js";
import { PictureReader } from "../../../dist/media/pictures.js";
import { Remuxer } from "../../../dist/media/remux.js";
import { readSamples } from "../../../dist/media/samples.js";

const STALL_MS = 10_000;
const { clip, ffmpeg, rounds } = JSON.parse(process.argv[2]);
const { init, keys } = split(await readFile(clip));
const output = { pixelFormat: "bgr24", width: init.width, height: init.height };

/** The init segment, and the key picture of each fragment. */
function split(file) {
  const boxes = [];
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) boxes.push(file.subarray(at, at + file.readUInt32BE(at)));
  const is = (box, type) => type === box.toString("latin1", 4, 8);
  const init = readInitSegment(Buffer.concat(boxes.filter((box) => is(box, "ftyp") || is(box, "moov"))));
  const fragments = boxes.flatMap((box, at) => (is(box, "moof") ? [Buffer.concat([box, boxes[at + 1]])] : []));
  const reader = new PictureReader(init);
  const keys = fragments.map((fragment) => reader.read(readSamples(fragment, init)).pictures[0]);
  return { init: keys[0].setup, keys };
}

/** Puts key pictures into a decoder, one whenever the one before has come out, until the signal. */
class Feed {
  #remuxer = new Remuxer();
  #wake;
  #next;
  #signal;

  constructor(signal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake?.());
  }

  give(sample) {
    this.#next = this.#remuxer.write([sample], new Map([[0, sample.index]]));
    this.#wake?.();
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#next === undefined && !this.#signal.aborted) await new Promise((resolve) => (this.#wake = resolve));
      if (this.#signal.aborted) return;
      const next = this.#next;
      this.#next = undefined;
      yield next;
    }
  }
}

function open() {
  const [pool, controller] = [new FramePool(), new AbortController()];
  const feed = new Feed(controller.signal);
  const onLost = () => {
    throw new Error("the decoder lost a key picture");
  };
  const pictures = decode(feed, { ffmpeg, init, output, pool, stallMs: STALL_MS, controller, onLost });
  return { feed, pictures, pool };
}

async function timed({ feed, pictures, pool }, sample) {
  const from = performance.now();
  feed.give(sample);
  const { value } = await pictures.next();
  const took = performance.now() - from;
  pool.give(value.data);
  return took;
}

async function cold(sample) {
  const decoder = open();
  const took = await timed(decoder, sample);
  await decoder.pictures.return();
  return took;
}

async function plain(sample) {
  const { bytes: pieces } = new Remuxer().write([sample], new Map([[0, sample.index]]));
  const from = performance.now();
  const child = spawn(ffmpeg.path, ["-v", "error", "-f", "mp4", "-i", "pipe:0", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", output.pixelFormat, "-"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(Buffer.concat([init.bytes, ...pieces]));
  let bytes = 0;
  for await (const chunk of child.stdout) bytes += chunk.length;
  if (bytes !== output.width * output.height * 3) throw new Error(`ffmpeg gave ${bytes} bytes`);
  return performance.now() - from;
}

const times = { warm: [], cold: [], plain: [] };
const running = open();
await timed(running, keys[0]); // starts it
for (let round = 0; round < rounds; round++) {
  const sample = keys[round % keys.length];
  times.warm.push(await timed(running, sample));
  times.cold.push(await cold(sample));
  times.plain.push(await plain(sample));
}
await running.pictures.return();
console.log(JSON.stringify(times));
