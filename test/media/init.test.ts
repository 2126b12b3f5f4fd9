import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HLSStreamError, type ErrorCode } from "../../src/core/errors.js";
import { readInitSegment } from "../../src/media/init.js";
import { writeInitSegment } from "../../src/media/init-writer.js";
import { avcC, h264Sequence } from "../helpers/bits.js";
import { makeClip } from "../helpers/clip.js";
import { box, fullBox, u32, u64 } from "../helpers/mp4.js";

const fails = (bytes: Buffer, code: ErrorCode): void =>
  assert.throws(
    () => readInitSegment(bytes),
    (error) => error instanceof HLSStreamError && error.code === code && !error.retryable,
  );

/** The same init segment with one box header or field changed. */
function patched(init: Buffer, type: string, offset: number, bytes: Buffer): Buffer {
  const copy = Buffer.from(init);
  bytes.copy(copy, copy.indexOf(type, 0, "latin1") + offset);
  return copy;
}

describe("an init segment", async () => {
  const { init } = await makeClip({ size: "64x48", frames: 2 });

  test("of H.264 gives codec, size, time scale and track", () => {
    const read = readInitSegment(init);
    assert.deepEqual([read.codec, read.width, read.height, read.trackId], ["h264", 64, 48, 1]);
    assert.equal(read.timescale, init.readUInt32BE(init.indexOf("mdhd", 0, "latin1") + 16));
    assert.equal(read.bytes, init);
  });

  test("of H.265 gives codec and an odd-ratio size", async () => {
    const clip = await makeClip({ codec: "libx265", size: "162x90", frames: 2 });
    const read = readInitSegment(clip.init);
    assert.deepEqual([read.codec, read.width, read.height], ["h265", 162, 90]);
  });

  for (const [codec, configuration, lengthAt] of [["libx264", "avcC", 4], ["libx265", "hvcC", 21]] as const) {
    test(`says how long the lengths of its NAL units are (${configuration})`, async () => {
      const clip = await makeClip({ codec, frames: 2 });
      const at = clip.init.indexOf(configuration, 0, "latin1") + 4 + lengthAt;
      for (const bytes of [1, 2, 4]) {
        clip.init[at] = (clip.init.readUInt8(at) & 0xfc) | (bytes - 1);
        assert.equal(readInitSegment(clip.init).nalLengthBytes, bytes);
      }
      clip.init.write("free", at - lengthAt - 4, "latin1");
      assert.equal(readInitSegment(clip.init).nalLengthBytes, 4, "as is usual");
    });
  }

  test("reads the same in a pooled buffer that does not begin where its memory does", () => {
    const pooled = Buffer.concat([Buffer.alloc(5), init, Buffer.alloc(5)]).subarray(5, 5 + init.length);
    assert.deepEqual({ ...readInitSegment(pooled), bytes: init }, readInitSegment(init));
  });

  test("of sound alone is media we cannot decode", async () => {
    fails((await makeClip({ audioOnly: true })).init, "UNSUPPORTED_MEDIA");
  });

  test("cut at any byte is malformed; what ends after the file type has no video", () => {
    const fileType = init.readUInt32BE(0);
    for (let length = 0; length < init.length; length++) fails(init.subarray(0, length), length === fileType ? "UNSUPPORTED_MEDIA" : "MALFORMED_MEDIA");
  });

  test("that is empty, or an html page, is malformed", () => {
    fails(Buffer.alloc(0), "MALFORMED_MEDIA");
    fails(Buffer.from("<html><body>503 Service Unavailable</body></html>"), "MALFORMED_MEDIA");
  });

  const side = (bytes: Buffer, at: number, value: number): Buffer => patched(bytes, "avc1", at, Buffer.from([value >> 8, value & 255]));

  test("without a parameter set and with sides of nothing or of gigabytes is refused before anything is allocated", () => {
    const bare = patched(init, "avcC", 0, Buffer.from("free"));
    fails(side(bare, 28, 0), "UNSUPPORTED_MEDIA");
    fails(side(bare, 30, 1), "UNSUPPORTED_MEDIA");
    fails(side(bare, 28, 16_385), "UNSUPPORTED_MEDIA");
    assert.equal(readInitSegment(side(bare, 28, 16_384)).width, 16_384);
    const unsaid = readInitSegment(side(side(bare, 28, 0), 30, 0));
    assert.deepEqual([unsaid.width, unsaid.height], [0, 0], "samples may say it");
  });

  test("has the size of its parameter set, whatever its sample entry says", () => {
    for (const value of [0, 1, 100, 65_535]) {
      const { width, height } = readInitSegment(side(side(init, 28, value), 30, value));
      assert.deepEqual([width, height], [64, 48]);
    }
  });

  test("whose parameter set has sides of nothing or of gigabytes is refused", () => {
    const sized = (width: number, height: number): Buffer => {
      const configuration = avcC(h264Sequence({ columns: width / 16, rows: height / 16 }));
      return writeInitSegment({ codec: "h264", width: 64, height: 48, configuration, extra: [] });
    };
    const { width, height } = readInitSegment(sized(16_384, 2192));
    assert.deepEqual([width, height], [16_384, 2192]);
    for (const [tooWide, tooHigh] of [[16_400, 16], [16, 16_400], [8192, 8192], [2 ** 36, 2 ** 36]] as const) {
      fails(sized(tooWide, tooHigh), "UNSUPPORTED_MEDIA");
    }
  });

  test("of a cropped picture gives the size that is left", async () => {
    for (const codec of ["libx264", "libx265"] as const) {
      const clip = await makeClip({ codec, size: "182x102", frames: 2 });
      const { width, height } = readInitSegment(clip.init);
      assert.deepEqual([width, height], [182, 102]);
    }
  });

  test("hands on what says how pixels are to be understood, and no more", () => {
    assert.deepEqual(readInitSegment(init).extra.map((box) => Object.keys(box)), [["type", "body"]]);
    assert.deepEqual(readInitSegment(patched(init, "pasp", 0, Buffer.from("free"))).extra, []);
  });

  test("without track header or time scale is malformed", () => {
    for (const type of ["tkhd", "mdhd"]) fails(patched(init, type, 0, Buffer.from("free")), "MALFORMED_MEDIA");
    fails(patched(init, "mdhd", 16, u32(0)), "MALFORMED_MEDIA");
  });

  test("without defaults has none", () => {
    assert.deepEqual(readInitSegment(patched(init, "trex", 0, Buffer.from("free"))).defaults, { duration: 0, size: 0, flags: 0 });
  });

  test("whose boxes do not fit each other is malformed at any depth", () => {
    for (const type of ["moov", "trak", "mdia", "stbl", "stsd", "avc1"]) {
      fails(patched(init, type, -4, u32(0x7fff_ffff)), "MALFORMED_MEDIA");
      for (const size of [0, 1, 7]) fails(patched(init, type, -4, u32(size)), "MALFORMED_MEDIA");
    }
  });

  test("with 64-bit lengths of zero is refused and not read for ever", () => {
    const endless = Buffer.concat([u32(1), Buffer.from("free"), u64(0n)]);
    fails(box("moov", endless), "MALFORMED_MEDIA");
    fails(box("moov", fullBox("stsd", 0, 0, u32(1), box("avc1", Buffer.alloc(78), endless))), "MALFORMED_MEDIA");
  });

  test("nested thousands deep is malformed and does not exhaust the stack", () => {
    const depth = 40_000;
    const nest = Buffer.concat(Array.from({ length: depth }, (_, level) => Buffer.concat([u32(8 * (depth - level)), Buffer.from("moov")])));
    fails(nest, "MALFORMED_MEDIA");
  });
});
