import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertFailure } from "../helpers/failure.js";
import { pullFrom } from "../helpers/hostile-run.js";
import { TOKEN, type Asked, type Hostility } from "../helpers/hostile-service.js";
import { box, fragment, PER_SAMPLE, u32, u64 } from "../helpers/mp4.js";
import { mediaList, numberOf } from "../helpers/playlist-text.js";

const MEBIBYTE = 2 ** 20;
const media = Buffer.alloc(40 * MEBIBYTE, "x");
const endless64 = Buffer.concat([u32(1), Buffer.from("free"), u64(0n)]);
const nested = Array.from({ length: 10_000 }).reduce<Buffer>((inner) => Buffer.concat([u32(8 + inner.length), Buffer.from("moof"), inner]), Buffer.alloc(0));

/** Only the first fragment is so, however often it is asked for; those after it are good. */
const firstFragment = (body: Buffer): Hostility => ({
  getMP4MediaFragment: ({ request, response, right }: Asked) => response.end(request.url?.includes(`FragmentNumber=${numberOf(1)}&`) ? body : right),
});

describe("a fragment that would burst costs itself and nothing else", { concurrency: 2 }, () => {
  const bombs: Readonly<Record<string, Buffer>> = {
    "a thousand samples in the same forty MiB": fragment({ media, defaults: [1, media.length, 0], runs: Array.from({ length: 1000 }, () => ({ count: 1, at: 0 })) }),
    "thousands of runs that claim thousands": fragment({ media: Buffer.alloc(9), defaults: [0, 0, 0], runs: Array.from({ length: 50_000 }, () => ({ count: 100_000, at: 0 })) }),
    "thousands of millions of samples": fragment({ media: Buffer.alloc(9), defaults: [0, 0, 0], runs: [{ count: 0xffff_ffff, at: 0 }] }),
    "millions of boxes": Buffer.alloc(48 * MEBIBYTE, box("free")),
    "millions of boxes in a box": box("moof", Buffer.alloc(48 * MEBIBYTE, box("free"))),
    "thousands of boxes in each other": nested,
    "a box that never ends": box("moof", endless64),
    "no bytes": Buffer.alloc(0),
    "pictures of a century": fragment({ media: Buffer.alloc(30), runs: [{ count: 3, at: 0, flags: PER_SAMPLE.duration, fields: [0xffff_ffff, 0xffff_ffff, 1] }] }),
    "a web page": Buffer.from("<!doctype html><title>Router</title>"),
  };
  for (const [what, bomb] of Object.entries(bombs)) {
    test(what, async (context) => {
      const { code, stderr, records } = await pullFrom(context, firstFragment(bomb), { flags: ["--max-frames", "15"] });
      assert.equal(code, 0, stderr);
      assert.equal(records.filter(({ type }) => type === "frame").length, 15);
      assert.deepEqual(records.filter(({ type }) => type === "gap").map(({ cause }) => cause), ["corrupt"]);
    });
  }

  // More than any camera's: ten seconds at twenty megabits.
  const large = Buffer.alloc(25 * MEBIBYTE, "x");
  const rubbish = fragment({ media: large, defaults: [1, large.length, 0x02_00_00_00], runs: [{ count: 1, at: 0 }] });
  const announced = ({ response }: Asked): unknown => response.writeHead(200, { "content-length": rubbish.length }).end(rubbish);
  const chunked = ({ response }: Asked): unknown => response.writeHead(200, { "transfer-encoding": "chunked" }).end(rubbish);
  for (const [what, answer] of [["announced", announced], ["in chunks", chunked]] as const) {
    test(`large fragments that hold no picture, one after the other, ${what}`, async (context) => {
      const { code, stderr } = await pullFrom(context, { getMP4MediaFragment: answer }, { flags: ["--wait", "4s"] });
      assert.ok(code === 65 || code === 69, `${code}: ${stderr}`);
    });
  }
});

describe("an init segment that nobody can decode is 65", { concurrency: 2 }, () => {
  const sized = (width: number, height: number) => ({ response, right }: Asked): unknown => {
    const at = right.indexOf("avc1", 0, "latin1");
    right.writeUInt16BE(width, at + 28);
    right.writeUInt16BE(height, at + 30);
    // With a parameter set, nobody would ask the sample entry.
    right.write("free", right.indexOf("avcC", 0, "latin1"), "latin1");
    return response.end(right);
  };
  const cases: readonly (readonly [string, (asked: Asked) => unknown, RegExp])[] = [
    ["of 65535x65535 pixels", sized(65_535, 65_535), /cannot decode pictures of 65535x65535 pixels, wanted 2 to 16384 a side and 36000000 at most/],
    ["of 16384x16384 pixels", sized(16_384, 16_384), /cannot decode pictures of 16384x16384 pixels/],
    ["of a megabyte of boxes", ({ response }) => response.end(Buffer.alloc(MEBIBYTE, box("free"))), /cannot read the init segment: it is of more than 10000 boxes/],
    ["that never ends", ({ response }) => response.end(box("moov", endless64)), /cannot read the init segment: a box of 1 bytes/],
    ["of text", ({ response }) => response.end("<html>"), /cannot read the init segment: /],
  ];
  for (const [what, answer, says] of cases) {
    test(what, async (context) => assertFailure(await pullFrom(context, { getMP4InitFragment: answer }), { code: 65, says }));
  }
});

test("an ffmpeg that says a session's URL is repeated without its token", async (context) => {
  const env = { KVS_FRAMES_FFMPEG: fileURLToPath(new URL("../fixtures/ffmpeg-telling", import.meta.url)), LC_TOKEN: TOKEN };
  // A camera that goes on: an ffmpeg is given up after three attempts with three fragments each.
  const goesOn = ({ response, times }: Asked): unknown => response.end(mediaList(Array.from({ length: 1 + 3 * times }, (_, place) => 1 + place), { token: TOKEN }));
  const { code, stderr } = await pullFrom(context, { getHLSMediaPlaylist: goesOn }, { env });
  assert.equal(code, 65, stderr);
  assert.match(stderr, /ffmpeg ended with exit code 1: .*getHLSMasterPlaylist\.m3u8\?SessionToken=…&TrackNumber=1' for reading/);
});
