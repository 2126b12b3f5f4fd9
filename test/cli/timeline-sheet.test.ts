import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import sharp from "sharp";
import { PICTURE, placeOf, sheetSize } from "../../src/cli/timeline/sheet-layout.js";
import { parseCamera } from "../../src/emulator/index.js";
import { readCounter } from "../helpers/counter.js";
import { Emulated } from "../helpers/emulated.js";
import { kvsFrames } from "../helpers/kvs-frames.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const [COLUMNS, ROWS] = [4, 3];
const MINUTE_MS = 60_000;
const SOURCE = "testsrc,size=320x180,fps=10,loop=30,history=7200";
const emulated = new Emulated({ cameras: [`front=${SOURCE},fragment=2,bframes=2`, `tall=${SOURCE},fragment=10,size=120x160`].map(parseCamera) });

interface Sheet {
  readonly from: string;
  readonly to: string;
  readonly sheet: { readonly capturedAt: readonly (string | null)[] };
}

async function draw(path: string, name: string, ...flags: string[]): Promise<Sheet> {
  const argv = ["timeline", "--endpoint-url", emulated.emulator.url, "--stream-name", name, "--json", "--sheet", path, "--sheet-columns", String(COLUMNS), "--sheet-rows", String(ROWS), ...flags];
  const { code, stdout, stderr } = await kvsFrames(argv);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout.toString()) as Sheet;
}

async function tile(path: string, cell: number, width: number = PICTURE.width): Promise<Buffer> {
  const { left, top } = placeOf(cell, COLUMNS);
  return sharp(path).extract({ left: left + (PICTURE.width - width) / 2, top, width, height: PICTURE.height }).raw().toBuffer();
}

/** The number drawn into the picture that the camera took at a time. */
function counterAt(name: string, time: string): number | undefined {
  const at = Date.parse(time);
  const frames = emulated.camera(name).fragments(at - 20_000, at, "producer").flatMap(({ frames: all }) => all);
  return frames.find(({ producerMs }) => Math.abs(producerMs - at) < 1)?.counter;
}

describe("timeline --sheet", { concurrency: 1 }, () => {
  test("has in each tile the picture of its time, and none where nothing is stored", async (context) => {
    const directory = await temporaryDirectory(context);
    const path = join(directory, "sheet.jpg");
    const now = Date.now();
    const camera = emulated.camera("front");
    camera.goOffline(now - 42 * MINUTE_MS, now - 30 * MINUTE_MS);
    const { from, to, sheet: { capturedAt } } = await draw(path, "front", "--start", String(now - 61 * MINUTE_MS), "--end", String(now - MINUTE_MS));
    const { format, width, height } = await sharp(path).metadata();
    assert.deepEqual({ format, width, height }, { format: "jpeg", ...sheetSize({ columns: COLUMNS, rows: ROWS }) });
    assert.deepEqual(await readdir(directory), ["sheet.jpg"]);
    const cellMs = (Date.parse(to) - Date.parse(from)) / (COLUMNS * ROWS);
    for (const [cell, time] of capturedAt.entries()) {
      const cellFrom = Date.parse(from) + cell * cellMs;
      const hasMedia = camera.fragments(cellFrom - 2000, cellFrom + cellMs - 1, "producer").length > 0;
      assert.equal(time !== null, hasMedia, `cell ${cell}`);
      const pixels = await tile(path, cell);
      if (time === null) {
        assert.ok(pixels.every((value) => value < 180), "dark, with grey letters");
        continue;
      }
      assert.ok(Date.parse(time) >= cellFrom && Date.parse(time) < cellFrom + cellMs, `cell ${cell} is of ${time}`);
      assert.equal(readCounter(pixels, PICTURE.width, PICTURE.height, 3), counterAt("front", time), `cell ${cell}`);
    }
    assert.equal(capturedAt.filter((time) => time === null).length, 2);
  });

  test("of less time than fragments take has the pictures at the middle of each part, by the server's clock too", async (context) => {
    const path = join(await temporaryDirectory(context), "sheet.jpg");
    await writeFile(path, "what was there before");
    const now = Date.now();
    for (const clock of ["producer", "server"]) {
      const { from, sheet: { capturedAt } } = await draw(path, "tall", "--start", String(now - 120_000), "--end", String(now - 96_000), "--clock", clock);
      for (const [cell, time] of capturedAt.entries()) {
        const middle = Date.parse(from) + (cell + 0.5) * 2000;
        const before = middle - Date.parse(time!);
        // The network delays the service's time of each fragment by up to 40 ms more or less.
        assert.ok(before >= -50 && before <= 150, `cell ${cell} is ${before} ms before its middle`);
        const counter = readCounter(await tile(path, cell, 134), 134, PICTURE.height, 3);
        if (clock === "producer") assert.equal(counter, counterAt("tall", time!));
      }
    }
  });

  test("costs a broken fragment its own tile only, and a session that ends nothing", async (context) => {
    const path = join(await temporaryDirectory(context), "sheet.jpg");
    // The first fragment is broken both times that it is fetched, the second is refused once.
    const broken = emulated.emulator.inject({ kind: "truncate", operation: "GetMP4MediaFragment", times: 2 });
    const refused = emulated.emulator.inject({ kind: "status", status: 403, operation: "GetMP4MediaFragment", times: 1 });
    const argv = ["timeline", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--json", "--sheet", path, "--sheet-columns", String(COLUMNS), "--sheet-rows", "1", "--start", "-10m"];
    const { code, stdout, stderr } = await kvsFrames(argv);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "kvs-frames: 1 of 4 pictures could not be read; their tiles say so\n");
    const { sheet: { capturedAt } } = JSON.parse(stdout.toString()) as Sheet;
    assert.deepEqual([broken.hits, refused.hits], [2, 1]);
    assert.deepEqual(capturedAt.map((time) => time === null), [true, false, false, false]);
    for (const [cell, time] of capturedAt.entries()) {
      if (time !== null) assert.equal(readCounter(await tile(path, cell), PICTURE.width, PICTURE.height, 3), counterAt("front", time));
    }
  });

  test("where it cannot be written ends with 73 and says so", async (context) => {
    const directory = await temporaryDirectory(context);
    const { code, stderr } = await kvsFrames(["timeline", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--start", "-1m", "--sheet", directory, "--sheet-rows", "1", "--sheet-columns", "1"]);
    assert.equal(code, 73, stderr);
    assert.match(stderr, /^kvs-frames: cannot write .*: .* choose another --sheet$/m);
  });

  test("without a font fails, rather than to draw boxes for times", async (context) => {
    const directory = await temporaryDirectory(context);
    const fonts = join(directory, "fonts.conf");
    await writeFile(fonts, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${directory}</dir></fontconfig>`);
    const argv = ["timeline", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--start", "-1m", "--sheet", join(directory, "sheet.jpg"), "--sheet-rows", "1", "--sheet-columns", "1"];
    const { code, stderr } = await kvsFrames(argv, { FONTCONFIG_FILE: fonts });
    assert.equal(code, 74, stderr);
    assert.match(stderr, /no font is installed; install one/);
  });
});
