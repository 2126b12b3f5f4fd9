import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DecoderError } from "../../src/core/errors.js";
import { PIXEL_FORMATS, type PixelFormat } from "../../src/core/frame.js";
import { decode, type DecodeOptions } from "../../src/decoder/decoder.js";
import { FramePool } from "../../src/decoder/frame-pool.js";
import { loadLibraries, type AvFrame, type Libraries } from "../../src/decoder/node-av.js";
import { clipFrom, makeClip, type Clip } from "../helpers/clip.js";
import { asInput, decodeOptions, libraries, picturesOf, recordedFfmpeg, waitingAfter, type RecordedFfmpeg } from "../helpers/decoding.js";

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

/** All pictures of a clip, each given back at once. */
async function all(clip: Clip, ffmpeg: RecordedFfmpeg, output: DecodeOptions<string>["output"]): Promise<Buffer[]> {
  const options = { ...decodeOptions(clip, ffmpeg), output };
  const pictures: Buffer[] = [];
  for await (const { data } of decode(asInput(picturesOf(clip)), options)) {
    pictures.push(Buffer.from(data));
    options.pool.give(data);
  }
  return pictures;
}

const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=128x72:rate=10", "-frames:v", "12", "-g", "6"];
const tagged = (matrix: string, ...more: string[]): Promise<Clip> =>
  clipFrom([...SOURCE, "-vf", `scale=out_color_matrix=${matrix}`, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-colorspace", matrix, "-color_primaries", matrix, "-color_trc", matrix, ...more]);
const CLIPS: Readonly<Record<string, () => Promise<Clip>>> = {
  untagged: () => makeClip({ size: "128x72", frames: 12, gop: 6, bFrames: 2 }),
  "of bt709": () => tagged("bt709"),
  "of smpte170m": () => tagged("smpte170m"),
  "of full range": () => clipFrom([...SOURCE, "-pix_fmt", "yuvj420p", "-c:v", "libx264", "-color_range", "pc"]),
  interlaced: () => clipFrom([...SOURCE, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-x264-params", "tff=1"]),
  "of 10 bits": () => clipFrom([...SOURCE, "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=none"]),
  "of 4:2:2": () => clipFrom([...SOURCE, "-pix_fmt", "yuv422p", "-c:v", "libx264"]),
  "of H.265": () => makeClip({ codec: "libx265", size: "128x72", frames: 12, gop: 6, bFrames: 2 }),
};
/** Its own size, a smaller one of odd sides, and one whose rows need no padding. */
const SIZES = [[128, 72], [75, 41], [192, 108]] as const;
/** Their rounding differs from one version of FFmpeg to the next. */
const FAINT = 1;

describe("pixels of libraries in this process are those of the program", async () => {
  for (const [name, make] of Object.entries(CLIPS)) {
    for (const pixelFormat of PIXEL_FORMATS) {
      test(`${pixelFormat} ${name}`, async () => {
        const clip = await make();
        await using program = await recordedFfmpeg();
        for (const [width, height] of SIZES) {
          const output = { pixelFormat, width, height, threads: 2 };
          const [ours, theirs] = await Promise.all([all(clip, await libraries(), output), all(clip, program, output)]);
          assert.equal(ours.length, 12);
          const largest = Math.max(...ours.map((picture, at) => difference(picture, theirs[at] ?? Buffer.alloc(0))));
          assert.ok(largest <= FAINT, `${largest} at ${width}x${height}`);
        }
      });
    }
  }
});

function difference(a: Buffer, b: Buffer): number {
  assert.equal(a.length, b.length);
  let largest = 0;
  for (let at = 0; at < a.length; at++) largest = Math.max(largest, Math.abs((a[at] ?? 0) - (b[at] ?? 0)));
  return largest;
}

describe("a picture of libraries in this process", async () => {
  const clip = await makeClip({ size: "128x72", frames: 40 });
  const output = (pixelFormat: PixelFormat) => ({ pixelFormat, width: 128, height: 72 });

  for (const pixelFormat of PIXEL_FORMATS) {
    test(`in ${pixelFormat} that nobody gives back stays what it is, after the decoder too`, async () => {
      const expected = (await all(clip, await libraries(), output(pixelFormat))).map(md5);
      const kept: Buffer[] = [];
      for await (const { data } of decode(asInput(picturesOf(clip)), { ...decodeOptions(clip, await libraries()), output: output(pixelFormat) })) kept.push(data);
      assert.deepEqual(kept.map(md5), expected);
    });

    test(`in ${pixelFormat} that is given back holds a later one, also of the next decoder`, async () => {
      const pool = new FramePool();
      const seen = new Set<Buffer>();
      for (let decoder = 0; decoder < 3; decoder++) {
        for await (const { data } of decode(asInput(picturesOf(clip)), { ...decodeOptions(clip, await libraries()), pool, output: output(pixelFormat) })) {
          seen.add(data);
          pool.give(data);
        }
      }
      assert.ok(seen.size <= 6, `${seen.size} buffers for 120 pictures`);
    });
  }
});

test("libraries in this process decode no further ahead than a few pictures", async () => {
  const clip = await makeClip({ frames: 60, gop: 5 });
  let taken = 0;
  const counted = async function* () {
    for (const pictures of picturesOf(clip)) {
      taken++;
      yield await Promise.resolve(pictures);
    }
  };
  let given = 0;
  for await (const { value } of decode(counted(), decodeOptions(clip, await libraries()))) {
    await sleep(20);
    assert.ok(5 * taken <= ++given + 3 + 2 * 5, `${taken} fragments of 5 taken at picture ${value}`);
  }
  assert.equal(given, 60);
});

/** Libraries of which each `receiveFrame` from the nth on goes wrong in its own way. */
async function brokenFrom(nth: number, goWrong: (frame: AvFrame) => Promise<number>): Promise<RecordedFfmpeg> {
  const { av, path } = (await libraries()).ffmpeg as Libraries;
  let calls = 0;
  class CodecContext extends av.CodecContext {
    override receiveFrame(frame: AvFrame): Promise<number> {
      return ++calls < nth ? super.receiveFrame(frame) : goWrong(frame);
    }
  }
  return { ...(await libraries()), ffmpeg: { path, av: { ...av, CodecContext } } };
}

describe("libraries in this process that", async () => {
  const clip = await makeClip({ frames: 30 });

  async function failure(ffmpeg: RecordedFfmpeg): Promise<DecoderError> {
    const options = { ...decodeOptions(clip, ffmpeg), stallMs: 300 };
    const error = await (async () => {
      for await (const { value } of decode(waitingAfter(picturesOf(clip), options.controller.signal), options)) void value;
    })().then(() => assert.fail("it did not fail"), (reason: unknown) => reason);
    assert.ok(error instanceof DecoderError, String(error));
    assert.ok(options.controller.signal.aborted, "its input was not released");
    return error;
  }

  test("hang have stalled", async () => {
    const { code, message } = await failure(await brokenFrom(1, () => new Promise(() => undefined)));
    assert.deepEqual([code, message], ["FFMPEG_STALLED", "ffmpeg made no progress for 0.3 s"]);
  });

  test("refuse everything have failed", async () => {
    const { code, message } = await failure(await brokenFrom(1, () => Promise.resolve(-1_094_995_529)));
    assert.deepEqual([code, message], ["FFMPEG_FAILED", "ffmpeg gave no picture: Invalid data found when processing input"]);
  });

  test("cannot be loaded are told with what to do, and without a stack", async () => {
    await assert.rejects(loadLibraries("node-av-that-is-not-there"), (error) => {
      assert.ok(error instanceof DecoderError && error.code === "FFMPEG_NOT_FOUND");
      assert.equal(error.message, 'cannot decode in this process with node-av: the package is not installed; run "npm install node-av@6", or use the decoder "ffmpeg"');
      return true;
    });
  });
});
