import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import { readInitSegment, type InitSegment } from "../../src/media/init.js";
import { readSamples } from "../../src/media/samples.js";
import { makeClip } from "../helpers/clip.js";
import { box, fragment, fullBox, PER_SAMPLE, u32, u64 } from "../helpers/mp4.js";

const INIT: InitSegment = { bytes: Buffer.alloc(0), codec: "h264", width: 64, height: 48, timescale: 1000, trackId: 1, nalLengthBytes: 4, entrySize: { width: 64, height: 48 }, configuration: "", extra: [], defaults: { duration: 40, size: 5, flags: 0x1_00_00 } };
const MEDIA = Buffer.alloc(30, "x");
const QUICKLY_MS = 3000;

function refused(bytes: Buffer, init: InitSegment = INIT, why = /./): void {
  const startedAt = performance.now();
  assert.throws(
    () => readSamples(bytes, init),
    (error) => error instanceof HLSStreamError && error.code === "MALFORMED_MEDIA" && why.test(error.message),
    `${bytes.length} bytes were taken`,
  );
  assert.ok(performance.now() - startedAt < QUICKLY_MS, "refusing it took too long");
}

describe("a fragment is refused", async () => {
  const clip = await makeClip({ frames: 10, bFrames: 2 });
  const [whole = Buffer.alloc(0)] = clip.fragments;
  const init = readInitSegment(clip.init);

  test("when it is cut, at whatever byte", () => {
    assert.equal(readSamples(whole, init).length, 10);
    for (let length = 0; length < whole.length; length++) refused(whole.subarray(0, length), init);
  });

  test("when it is empty, or not MP4", () => {
    refused(Buffer.alloc(0), INIT, /empty/);
    refused(Buffer.from('{"Message":"the service is unavailable"}'));
    refused(Buffer.alloc(4096));
    refused(Buffer.alloc(4096, 0xff));
  });

  test("when its sample table is longer than its media", () => {
    refused(fragment({ media: MEDIA, runs: [{ count: 4, at: 0 }] }), INIT, /does not fit/);
  });

  test("when its samples lie outside its media, even if other boxes follow", () => {
    const runs = [{ count: 4, at: 0 }];
    refused(Buffer.concat([fragment({ media: MEDIA, runs }), box("free", MEDIA)]), INIT, /does not fit/);
    refused(fragment({ media: MEDIA, runs: [{ count: 1, at: -20 }] }), INIT, /does not fit/);
  });

  test("when none of its samples has bytes", () => {
    const flags = PER_SAMPLE.size;
    refused(fragment({ media: MEDIA, runs: [{ count: 2, at: 0, flags, fields: [0, 0] }] }), INIT, /no picture/);
  });

  test("when it holds no picture of the video track", () => {
    refused(fragment({ media: MEDIA, runs: [] }), INIT, /no picture/);
    refused(fragment({ media: MEDIA, runs: [{ count: 3, at: 0 }], trackId: 2 }), INIT, /no picture/);
  });

  test("at once when a few bytes claim thousands of millions of samples", () => {
    for (const count of [0xffff_ffff, 200_000]) refused(fragment({ media: MEDIA, defaults: [0, 0, 0], runs: [{ count, at: 0 }] }), INIT, /claims/);
    refused(fragment({ media: MEDIA, runs: [{ count: 0xffff_ffff, flags: PER_SAMPLE.size, fields: [1] }] }));
  });

  test("when any box inside does not fit the one around it", () => {
    for (const type of ["moof", "mfhd", "traf", "tfhd", "tfdt", "trun", "mdat"]) {
      for (const size of [0, 1, 7, 0x7fff_ffff]) {
        if (type === "mdat" && size === 0) continue; // to the end
        const bytes = Buffer.from(whole);
        bytes.writeUInt32BE(size, bytes.indexOf(type, 0, "latin1") - 4);
        refused(bytes, init);
      }
    }
  });

  test("when a 64-bit length of zero would be read for ever", () => {
    const endless = Buffer.concat([u32(1), Buffer.from("free"), u64(0n)]);
    refused(box("moof", box("traf", fullBox("tfhd", 0, 0, u32(1)), endless)));
    refused(Buffer.concat([whole, endless]), init);
  });
});

test("random damage to a fragment is refused or read, and never anything else", async () => {
  const clip = await makeClip({ frames: 10 });
  const [whole = Buffer.alloc(0)] = clip.fragments;
  const init = readInitSegment(clip.init);
  const headerEnd = whole.indexOf("mdat", 0, "latin1") + 4;
  let refusals = 0;
  for (let at = 0; at < headerEnd; at++) {
    for (const value of [0x00, 0x01, 0x7f, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      try {
        for (const { data } of readSamples(bytes, init)) assert.ok(data.length > 0);
      } catch (error) {
        assert.ok(error instanceof HLSStreamError && error.code === "MALFORMED_MEDIA", `byte ${at} = ${value}: ${String(error)}`);
        refusals += 1;
      }
    }
  }
  assert.ok(refusals > 100, `only ${refusals} were refused`);
});
