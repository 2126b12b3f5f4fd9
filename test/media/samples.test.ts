import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import { readInitSegment, type InitSegment } from "../../src/media/init.js";
import { readSamples, readSampleTable, samplesIn } from "../../src/media/samples.js";
import { makeClip } from "../helpers/clip.js";
import { fragment, PER_SAMPLE, u32, u64, type FragmentParts } from "../helpers/mp4.js";

const INIT: InitSegment = { bytes: Buffer.alloc(0), codec: "h264", width: 64, height: 48, timescale: 1000, trackId: 1, nalLengthBytes: 4, entrySize: { width: 64, height: 48 }, configuration: "", extra: [], defaults: { duration: 40, size: 5, flags: 0x1_00_00 } };
const MEDIA = Buffer.from("0123456789abcdefghijklmnopqrst");
const SYNC = 0x02_00_00_00;
const NOT_SYNC = 0x01_01_00_00;

const read = (parts: FragmentParts) => readSamples(fragment({ media: MEDIA, ...parts }), INIT).map(({ data, ...rest }) => ({ ...rest, data: String(data) }));

describe("the samples of a recorded fragment", async () => {
  const clip = await makeClip({ fps: 10, frames: 20, gop: 10, bFrames: 2 });
  const init = readInitSegment(clip.init);

  test("with B-frames have every index once, and the time of their place", () => {
    for (const bytes of clip.fragments) {
      const samples = readSamples(bytes, init);
      assert.deepEqual(samples.map(({ index }) => index).sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.notDeepEqual(samples.map(({ index }) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const { index, ptsMs } of samples) assert.equal(ptsMs, index * 100);
      assert.deepEqual(samples.map(({ sync }) => sync), [true, ...Array<boolean>(9).fill(false)]);
    }
  });

  test("are the bytes of its mdat, all of them and in a row", () => {
    const [bytes = Buffer.alloc(0)] = clip.fragments;
    const mediaAt = bytes.indexOf("mdat", 0, "latin1") + 4;
    assert.deepEqual(Buffer.concat(readSamples(bytes, init).map(({ data }) => data)), bytes.subarray(mediaAt));
  });

  test("are the same in a pooled buffer that does not begin where its memory does", () => {
    const [bytes = Buffer.alloc(0)] = clip.fragments;
    const pooled = Buffer.concat([Buffer.from("stray"), bytes, Buffer.from("stray")]).subarray(5, 5 + bytes.length);
    assert.notEqual(pooled.byteOffset, 0);
    assert.deepEqual(readSamples(pooled, init), readSamples(bytes, init));
  });
});

describe("times in a fragment", () => {
  const parts: FragmentParts = { runs: [{ count: 3, at: 0, flags: PER_SAMPLE.offset, fields: [100, 300, 0] }] };

  for (const [name, decodeTime] of [["zero", 0n], ["the epoch in milliseconds", 1_795_342_500_120n], ["the epoch in 90 kHz ticks", 161_580_825_010_800n], ["one tick below 32 bits", 0xffff_ffffn]] as const) {
    test(`do not depend on a decode time of ${name}`, () => {
      assert.deepEqual(read({ ...parts, decodeTime }).map(({ ptsMs, index }) => [ptsMs, index]), [[0, 0], [300, 2], [100, 1]]);
    });
  }

  test("may be moved back by a negative composition offset", () => {
    const runs = [{ count: 2, at: 0, version: 1 as const, flags: PER_SAMPLE.offset, fields: [0, -150] }];
    assert.deepEqual(read({ runs }).map(({ ptsMs, index }) => [ptsMs, index]), [[50, 1], [0, 0]]);
  });
});

describe("a sample's duration, size and flags", () => {
  test("come from the run where it has them", () => {
    const fields = [10, 4, SYNC, 20, 6, NOT_SYNC, 30, 2, NOT_SYNC];
    const samples = read({ runs: [{ count: 3, at: 0, flags: PER_SAMPLE.duration | PER_SAMPLE.size | PER_SAMPLE.flags, fields }] });
    assert.deepEqual(samples, [
      { data: "0123", sync: true, ptsMs: 0, index: 0 },
      { data: "456789", sync: false, ptsMs: 10, index: 1 },
      { data: "ab", sync: false, ptsMs: 30, index: 2 },
    ]);
  });

  test("come from the fragment's defaults otherwise, but for the first sample's own flags", () => {
    const samples = read({ defaults: [25, 3, NOT_SYNC], runs: [{ count: 2, at: 0, firstSampleFlags: SYNC }] });
    assert.deepEqual(samples.map(({ data, sync, ptsMs }) => [data, sync, ptsMs]), [["012", true, 0], ["345", false, 25]]);
  });

  test("go on from run to run, from the place a run names or where the last one ended", () => {
    const samples = read({ defaults: [25, 3, NOT_SYNC], runs: [{ count: 1, at: 9 }, { count: 1 }, { count: 1, at: 0 }] });
    assert.deepEqual(samples.map(({ data, ptsMs }) => [data, ptsMs]), [["9ab", 0], ["cde", 25], ["012", 50]]);
  });

  test("go on from movie fragment to movie fragment of one body", () => {
    const runs = [{ count: 1, at: 0 }];
    const body = Buffer.concat([fragment({ media: MEDIA, runs, decodeTime: 500n }), fragment({ media: MEDIA.subarray(10), runs, decodeTime: 700n })]);
    assert.deepEqual(readSamples(body, INIT).map(({ data, ptsMs, index }) => [String(data), ptsMs, index]), [["0123456789", 0, 0], ["abcdefghij", 200, 1]]);
  });

  test("of a fragment that does not begin with a key frame say so", () => {
    assert.deepEqual(read({ runs: [{ count: 2, at: 0, flags: PER_SAMPLE.flags, fields: [NOT_SYNC, SYNC] }] }).map(({ sync }) => sync), [false, true]);
  });
});

const MDAT = "mdat";

describe("samples:", () => {
  const whole = fragment({ media: MEDIA, runs: [{ count: 3, at: 0 }] });
  const texts = (bytes: Buffer): string[] => readSamples(bytes, INIT).map(({ data }) => String(data));
  const three = ["0123456789", "abcdefghij", "klmnopqrst"];
  const mediaAt = whole.indexOf(MDAT, 0, "latin1") - 4;
  const refused = (bytes: Buffer, why: RegExp): void =>
    assert.throws(() => readSamples(bytes, INIT), (error) => error instanceof HLSStreamError && error.code === "MALFORMED_MEDIA" && why.test(error.message));
  /** The same box with its size in 64 bits; the data offset of its runs grows with it. */
  const large = (box: Buffer, size = BigInt(box.length + 8)): Buffer => Buffer.concat([u32(1), box.subarray(4, 8), u64(size), box.subarray(8)]);

  test("one of zero bytes is left out, and takes its time", () => {
    const flags = PER_SAMPLE.size | PER_SAMPLE.duration;
    const samples = read({ runs: [{ count: 3, at: 0, flags, fields: [10, 4, 20, 0, 30, 6] }] });
    assert.deepEqual(samples.map(({ data, ptsMs, index }) => [data, ptsMs, index]), [["0123", 0, 0], ["456789", 30, 1]]);
  });

  test("a missing decode time is 0, or where the last movie fragment ended", () => {
    const untimed = Buffer.from(whole);
    untimed.write("free", untimed.indexOf("tfdt", 0, "latin1"), "latin1");
    assert.deepEqual(readSamples(untimed, INIT), readSamples(whole, INIT));
    const times = readSamples(Buffer.concat([untimed, untimed]), INIT).map(({ ptsMs }) => ptsMs);
    assert.deepEqual(times, [0, 100, 200, 300, 400, 500]);
  });

  test("an mdat of size 0 in the last place reaches to the end", () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32BE(0, mediaAt);
    assert.deepEqual(texts(bytes), three);
    assert.deepEqual(texts(Buffer.concat([bytes, Buffer.from("more")])), three);
    refused(bytes.subarray(0, -1), /does not fit/);
  });

  test("any box of size 0 reaches to the end, and then holds no media", () => {
    for (const at of [0, mediaAt]) {
      const bytes = Buffer.from(whole);
      bytes.write("free", mediaAt + 4, "latin1");
      bytes.writeUInt32BE(0, at);
      refused(bytes, /cannot read a fragment/);
    }
  });

  test("fewer than eight stray bytes at the end are ignored", () => {
    for (let stray = 1; stray < 8; stray++) {
      assert.deepEqual(texts(Buffer.concat([whole, Buffer.alloc(stray, 0xff)])), three);
    }
    refused(Buffer.concat([whole, Buffer.alloc(8, 0xff)]), /does not fit/);
  });

  test("composition offsets above 0x7fffffff are negative in version 0 too", () => {
    for (const version of [0, 1] as const) {
      const runs = [{ count: 2, at: 0, version, flags: PER_SAMPLE.offset, fields: [0, -150] }];
      assert.deepEqual(read({ runs }).map(({ ptsMs, index }) => [ptsMs, index]), [[50, 1], [0, 0]]);
    }
  });

  test("64-bit sizes of boxes at top level are read", () => {
    const shifted = fragment({ media: MEDIA, runs: [{ count: 3, at: 8 }] });
    const [moof, mdat] = [shifted.subarray(0, mediaAt), shifted.subarray(mediaAt)];
    assert.deepEqual(texts(Buffer.concat([moof, large(mdat)])), three);
    assert.deepEqual(texts(Buffer.concat([large(moof), mdat])), three);
  });

  test("64-bit sizes that do not fit are refused", () => {
    const [moof, mdat] = [whole.subarray(0, mediaAt), whole.subarray(mediaAt)];
    for (const size of [0n, 8n, 15n, BigInt(mdat.length + 9), 2n ** 63n, 2n ** 64n - 1n]) {
      refused(Buffer.concat([moof, large(mdat, size)]), /does not fit/);
    }
    refused(Buffer.concat([whole, u32(1), Buffer.from("free")]), /does not fit/);
  });
});

describe("a sample table of which not all has come:", () => {
  const whole = fragment({ media: MEDIA, runs: [{ count: 3, at: 0 }] });
  const mediaAt = whole.indexOf(MDAT, 0, "latin1") + 4;

  test("is read as soon as the header of the media is there", () => {
    for (let length = 0; length < mediaAt; length++) {
      assert.equal(readSampleTable(whole.subarray(0, length), INIT, whole.length), undefined);
    }
    const table = readSampleTable(whole, INIT, whole.length);
    for (let length = mediaAt; length < whole.length; length++) {
      assert.deepEqual(readSampleTable(whole.subarray(0, length), INIT, whole.length), table);
    }
  });

  test("waits for all of a fragment whose media is not in the last place", () => {
    const two = Buffer.concat([whole, whole]);
    assert.equal(readSampleTable(two.subarray(0, whole.length), INIT, two.length), undefined);
    assert.equal(readSampleTable(two, INIT, two.length)?.length, 6);
  });

  test("has media that reaches to the end of all", () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32BE(0, mediaAt - 8);
    assert.deepEqual(readSampleTable(bytes.subarray(0, mediaAt), INIT, bytes.length)?.length, 3);
  });

  test("gives those samples of which all bytes are there", () => {
    const bytes = whole.subarray(0, mediaAt + 25);
    const table = readSampleTable(bytes, INIT, whole.length) ?? [];
    assert.deepEqual(samplesIn(table, bytes).map(({ data }) => String(data)), ["0123456789", "abcdefghij"]);
  });
});
