import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import { readInitSegment, type InitSegment } from "../../src/media/init.js";
import { Remuxer } from "../../src/media/remux.js";
import { readSamples, type Sample } from "../../src/media/samples.js";
import { makeClip } from "../helpers/clip.js";
import { box, fragment, fullBox, PER_SAMPLE, u32, u64 } from "../helpers/mp4.js";
import { seeded } from "../helpers/random.js";

const INIT: InitSegment = { bytes: Buffer.alloc(0), codec: "h264", width: 64, height: 48, timescale: 1000, trackId: 1, nalLengthBytes: 4, entrySize: { width: 64, height: 48 }, configuration: "", extra: [], defaults: { duration: 40, size: 5, flags: 0x1_00_00 } };
const MEBIBYTE = 2 ** 20;
const ABSURD = [0, 1, 7, 8, 0x7f, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** What reading gives, or undefined when it was refused as it should be: quickly, and as media. */
function tried<T>(read: () => T): T | undefined {
  const startedAt = performance.now();
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof HLSStreamError && ["MALFORMED_MEDIA", "UNSUPPORTED_MEDIA"].includes(error.code) && !error.retryable, String(error));
    return undefined;
  } finally {
    assert.ok(performance.now() - startedAt < 1000, "it took too long");
  }
}

function refused(bytes: Buffer, why: RegExp, init = INIT): void {
  assert.equal(tried(() => readSamples(bytes, init)), undefined);
  assert.throws(() => readSamples(bytes, init), why);
}

/** Nothing of it may be more than the fragment was, or a time that is none. */
function assertSane(samples: readonly Sample[], fragmentBytes: number): void {
  assert.ok(samples.reduce((sum, { data }) => sum + data.length, 0) <= fragmentBytes);
  assert.deepEqual(samples.map(({ index }) => index).sort((a, b) => a - b), [...samples.keys()]);
  for (const { data, ptsMs } of samples) assert.ok(data.length > 0 && ptsMs >= 0 && ptsMs <= 3_600_000, `${ptsMs} ms`);
  const written = new Remuxer().write(samples.map((sample) => ({ ...sample, order: sample.index })), new Map());
  assert.ok(written.bytes.reduce((sum, { length }) => sum + length, 0) < fragmentBytes + 100 * samples.length + 200);
}

describe("random damage is refused or read, and never anything else", async () => {
  const clip = await makeClip({ frames: 10, bFrames: 2 });
  const [whole = Buffer.alloc(0)] = clip.fragments;
  const init = readInitSegment(clip.init);
  const headerEnd = whole.indexOf("mdat", 0, "latin1");
  const random = seeded(20261122);

  const damages: Record<string, (bytes: Buffer, below: number) => Buffer> = {
    "bits turned over": (bytes, below) => {
      for (let times = 1 + random(4); times > 0; times--) bytes[random(below)]! ^= 1 << random(8);
      return bytes;
    },
    "absurd numbers": (bytes, below) => {
      for (let times = 1 + random(3); times > 0; times--) bytes.writeUInt32BE(ABSURD[random(ABSURD.length)]!, random(below - 4));
      return bytes;
    },
    "64-bit sizes": (bytes, below) => {
      const at = random(below - 16);
      u64(1n << BigInt(random(64))).copy(bytes, u32(1).copy(bytes, at) + at + 4);
      return bytes;
    },
    "a cut": (bytes, below) => bytes.subarray(0, random(below)),
    "a piece taken out": (bytes, below) => {
      const at = random(below);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(64))]);
    },
    "a piece twice": (bytes, below) => {
      const [at, length] = [random(below), 1 + random(200)];
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    test(`${what}, in fragments`, () => {
      let refusals = 0;
      for (let round = 0; round < 1500; round++) {
        const bytes = damage(Buffer.from(whole), headerEnd);
        const samples = tried(() => readSamples(bytes, init));
        if (samples === undefined) refusals += 1;
        else assertSane(samples, bytes.length);
      }
      assert.ok(refusals > 100, `only ${refusals} were refused`);
    });

    test(`${what}, in init segments`, () => {
      for (let round = 0; round < 1500; round++) {
        const bytes = damage(Buffer.from(clip.init), clip.init.length);
        const read = tried(() => readInitSegment(bytes));
        if (read === undefined) continue;
        const isUnknown = read.width === 0 && read.height === 0;
        assert.ok(isUnknown || (read.width >= 2 && read.height >= 2 && read.width * read.height <= 36e6), JSON.stringify({ ...read, bytes: undefined }));
        assert.ok(read.timescale > 0, JSON.stringify({ ...read, bytes: undefined }));
        const samples = tried(() => readSamples(whole, read));
        if (samples !== undefined) assertSane(samples, whole.length);
      }
    });
  }
});

describe("a bomb is refused at once, without its weight in memory", () => {
  test("samples that all point at the same forty MiB", () => {
    const media = Buffer.alloc(40 * MEBIBYTE);
    refused(fragment({ media, defaults: [1, media.length, 0], runs: Array.from({ length: 1000 }, () => ({ count: 1, at: 0 })) }), /more than its bytes/);
    refused(fragment({ media, defaults: [1, media.length, 0], runs: Array.from({ length: 2 }, () => ({ count: 1, at: 0 })) }), /more than its bytes/);
  });

  test("runs that each claim many samples", () => {
    refused(fragment({ media: Buffer.alloc(9), defaults: [0, 0, 0], runs: Array.from({ length: 2000 }, () => ({ count: 9999, at: 0 })) }), /claims more than 10000 pictures/);
    refused(Buffer.concat(Array.from({ length: 3 }, () => fragment({ media: Buffer.alloc(6000), defaults: [1, 1, 0], runs: [{ count: 5000, at: 0 }] }))), /claims more than 10000 pictures/);
  });

  test("millions of small boxes", () => {
    const before = process.memoryUsage().rss;
    const boxes = Buffer.alloc(32 * MEBIBYTE, box("free"));
    refused(boxes, /more than 10000 boxes/);
    refused(box("moof", boxes), /more than 10000 boxes/);
    refused(box("moov", boxes), /no picture/);
    assert.throws(() => readInitSegment(box("moov", boxes)), /more than 10000 boxes/);
    assert.ok(process.memoryUsage().rss - before < 300 * MEBIBYTE);
  });

  test("boxes in boxes", () => {
    let nest = box("free");
    for (let depth = 0; depth < 13; depth++) nest = box("moof", nest);
    refused(nest, /nested more than 12 deep/);
  });

  test("pictures hours apart", () => {
    const media = Buffer.alloc(30);
    refused(fragment({ media, runs: [{ count: 3, at: 0, flags: PER_SAMPLE.duration, fields: [1, 0xffff_ffff, 1] }] }), /apart/);
    refused(fragment({ media, runs: [{ count: 2, at: 0, version: 1, flags: PER_SAMPLE.offset, fields: [-0x8000_0000, 0x7fff_ffff] }] }), /apart/);
    const runs = [{ count: 2, at: 0, flags: PER_SAMPLE.duration, fields: [0xffff_ffff, 1] }];
    assert.equal(readSamples(fragment({ media, runs }), { ...INIT, timescale: 0xffff_ffff })[1]?.ptsMs, 1000, "with the largest time scale it is a second");
  });
});

describe("pictures of an init segment", async () => {
  const { init } = await makeClip({ frames: 2 });
  const sized = (width: number, height: number): Buffer => {
    const bytes = Buffer.from(init);
    const at = bytes.indexOf("avc1", 0, "latin1");
    // Without a parameter set, which would know better.
    bytes.write("free", bytes.indexOf("avcC", 0, "latin1"), "latin1");
    bytes.writeUInt16BE(width, at + 28);
    bytes.writeUInt16BE(height, at + 30);
    return bytes;
  };

  test("are of 8K at most", () => {
    for (const [width, height] of [[7680, 4320], [8192, 4320], [16_384, 2196]] as const) assert.equal(readInitSegment(sized(width, height)).width, width);
    for (const [width, height] of [[65_535, 65_535], [8192, 8192], [16_384, 2200], [16_385, 2]] as const) {
      assert.throws(() => readInitSegment(sized(width, height)), new RegExp(`cannot decode pictures of ${width}x${height} pixels, wanted 2 to 16384 a side and 36000000 at most`));
    }
  });

  test("may come in a table of any number of entries, of which there are as many as there are bytes for", () => {
    for (const count of [0, 2, 0xffff_ffff]) {
      const bytes = Buffer.from(init);
      bytes.writeUInt32BE(count, bytes.indexOf("stsd", 0, "latin1") + 8);
      assert.equal(tried(() => readInitSegment(bytes))?.width, 64);
    }
    assert.equal(tried(() => readInitSegment(box("moov", fullBox("stsd", 0, 0, u32(0xffff_ffff))))), undefined);
  });
});
