import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { OptionError, OutputError } from "../../src/core/errors.js";
import type { PixelFormat } from "../../src/core/frame.js";
import { encodeJpeg } from "../../src/jpeg.js";
import { createEncoder } from "../../src/sinks/encoder.js";
import type { ImageFormat } from "../../src/sinks/formats.js";
import { testFrame } from "../helpers/test-frame.js";

const ORANGE = [230, 120, 30];

/** 16 x 8 pixels, all of one colour. */
const patch = (pixelFormat: PixelFormat, pixel: number[]) =>
  testFrame({ pixelFormat, data: Buffer.concat(Array.from({ length: 16 * 8 }, () => Buffer.from(pixel))) });

async function colourOf(image: Uint8Array): Promise<number[]> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  const middle = (4 * info.width + 8) * info.channels;
  return [...data.subarray(middle, middle + info.channels)];
}

function assertClose(actual: number[], expected: number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, channel) => {
    assert.ok(Math.abs(value - (expected[channel] ?? NaN)) <= tolerance, `${actual} is not ${expected}`);
  });
}

const images: [format: ImageFormat, tolerance: number][] = [["jpeg", 4], ["png", 0], ["webp", 8]];
for (const [format, tolerance] of images) {
  test(`${format} keeps the colours of rgb24, of bgr24 and of gray8`, async () => {
    const encode = await createEncoder(format);
    assertClose(await colourOf(await encode(patch("rgb24", ORANGE))), ORANGE, tolerance);
    assertClose(await colourOf(await encode(patch("bgr24", [...ORANGE].reverse()))), ORANGE, tolerance);
    const [grey] = await colourOf(await encode(patch("gray8", [90])));
    assertClose([grey ?? NaN], [90], tolerance);
  });

  test(`${format} files say that they are ${format} of the frame's size`, async () => {
    const meta = await sharp(await (await createEncoder(format))(testFrame())).metadata();
    assert.deepEqual([meta.format, meta.width, meta.height], [format, 16, 8]);
  });
}

test("encoding bgr24 leaves the frame as it was", async () => {
  const frame = patch("bgr24", [1, 2, 3]);
  const before = Buffer.from(frame.data);
  await encodeJpeg(frame);
  assert.deepEqual(frame.data, before);
});

test("JPEG is 4:2:0, one channel for gray8, and smaller at a lower quality", async () => {
  const noise = Buffer.from(Array.from({ length: 16 * 8 * 3 }, (_, index) => (index * 7919) % 256));
  const frame = testFrame({ data: noise });
  const [fine, coarse] = [await encodeJpeg(frame, { quality: 95 }), await encodeJpeg(frame, { quality: 10 })];
  assert.ok(coarse.length < fine.length);
  assert.equal((await sharp(fine).metadata()).chromaSubsampling, "4:2:0");
  assert.equal((await sharp(await encodeJpeg(patch("gray8", [90]))).metadata()).channels, 1);
});

test("raw is the frame's own bytes, without a copy", async () => {
  const frame = testFrame({ pixelFormat: "yuv420p" });
  assert.equal(await (await createEncoder("raw"))(frame), frame.data);
});

test("a layout that no image is made from is refused by name", async () => {
  await assert.rejects(encodeJpeg(testFrame({ pixelFormat: "yuv420p" })), (error) => error instanceof OptionError && error.message.includes('got "yuv420p"'));
});

test("a picture that the format cannot hold is an output error", async () => {
  const wide = testFrame({ width: 20_000, height: 1 });
  await assert.rejects((await createEncoder("webp"))(wide), (error) => error instanceof OutputError && error.code === "WRITE_FAILED" && error.message.startsWith("cannot encode a frame as webp: "));
});
