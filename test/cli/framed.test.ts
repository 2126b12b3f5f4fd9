import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { parseCamera, startEmulator, type Emulator } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf } from "../helpers/command.js";
import { readCounter } from "../helpers/counter.js";
import { FFMPEG } from "../helpers/emulated.js";
import { writeFolder } from "../helpers/folder-camera.js";
import { framedItems } from "../helpers/framed.js";
import { TABLE } from "../odd-streams/table.js";

const READER = fileURLToPath(new URL("../../examples/python/read_frames.py", import.meta.url));
const HAS_NUMPY = spawnSync("python3", ["-c", "import numpy"]).status === 0;

let emulator: Emulator;
let clips: string;

before(async () => {
  clips = await mkdtemp(join(tmpdir(), "framed-"));
  const turning = await TABLE.find(({ name }) => name === "F5 another size in band")!.make();
  const folder = await writeFolder(turning.files);
  const cameras = [
    { ...parseCamera("front=testsrc,size=320x180,fps=25,loop=4"), historySeconds: 60 },
    { name: "turning", source: { kind: "folder" as const, path: folder }, historySeconds: 120, retentionHours: 1 },
  ];
  emulator = await startEmulator({ ffmpeg: FFMPEG, limits: false, cameras });
});
after(async () => {
  await emulator.close();
  await rm(clips, { recursive: true, force: true });
});

const pull = (camera: string, ...more: string[]): string[] => ["pull", "--quiet", "--endpoint-url", emulator.url, "--stream-name", camera, ...more];
const range = ["--start", "-30s", "--end", "-26s"];

describe("framed: each frame is its record and exactly its bytes", { concurrency: 2 }, () => {
  for (const format of ["raw", "jpeg", "png", "webp", "y4m"]) {
    test(`--format ${format}`, async (context) => {
      const { code, stdout, stderr } = await kvsFrames(context, pull("front", ...range, "--out", "-", "--framed", "--format", format, "--target-fps", "5"));
      assert.equal(code, 0, stderr);
      const items = framedItems(stdout);
      assert.deepEqual([items[0]?.record.type, items.at(-1)?.record.type], ["session", "summary"]);
      const frames = items.filter(({ record }) => record.type === "frame");
      // The two ends are read one after the other, so that a tick may just fit in between.
      assert.ok(frames.length === 20 || frames.length === 21, `${frames.length} frames`);
      for (const { record, data = Buffer.alloc(0) } of frames) {
        assert.deepEqual([record.width, record.height, record.path], [320, 180, null]);
        assert.equal(record.pixelFormat, format === "raw" ? "bgr24" : undefined);
        if (format === "raw") assert.equal(record.bytes, 320 * 180 * 3);
        else if (format === "y4m") assert.match(data.toString("latin1", 0, 120), /^YUV4MPEG2 W320 H180 F5:1 .*\nFRAME\n/);
        else assert.equal((await sharp(data).metadata()).format, format);
      }
    });
  }

  test("live, with the frames that the records tell of", async (context) => {
    const { code, stdout, stderr } = await kvsFrames(context, pull("front", "--max-frames", "50", "--out", "-", "--framed", "--format", "raw"));
    assert.equal(code, 0, stderr);
    const frames = framedItems(stdout).filter(({ data }) => data !== undefined);
    const counters = frames.map(({ data }) => readCounter(data ?? Buffer.alloc(0), 320, 180, 3));
    assert.equal(frames.length, 50);
    assert.deepEqual(counters, counters.map((_, at) => ((counters[0] ?? 0) + at) % 100));
  });

  test("through a change of size", async (context) => {
    const { code, stdout, stderr } = await kvsFrames(context, pull("turning", "--start", "-40s", "--end", "-20s", "--out", "-", "--framed", "--format", "raw"));
    assert.equal(code, 0, stderr);
    const sizes = framedItems(stdout).flatMap(({ record, data }) => (data ? [`${record.width}x${record.height}:${data.length}`] : []));
    assert.deepEqual(new Set(sizes), new Set([`160x90:${160 * 90 * 3}`, `90x160:${160 * 90 * 3}`]));
  });

  test("--manifest holds the same records", async (context) => {
    const command = await Command.start(context, pull("front", ...range, "--out", "-", "--framed", "--manifest", "records.ndjson"));
    const { code, stdout, stderr } = await command.ended;
    assert.equal(code, 0, stderr);
    const manifest = recordsOf(await readFile(join(command.directory, "records.ndjson")));
    assert.deepEqual(manifest, framedItems(stdout).map(({ record }) => record));
  });

  test("the reader in Python reads all of it", { skip: !HAS_NUMPY && "Python with numpy is not installed" }, async (context) => {
    const command = await Command.shell(context, `kvs-frames ${pull("turning", "--start", "-40s", "--end", "-20s", "--out", "-", "--framed", "--format", "raw").join(" ")} | python3 ${READER}`);
    const { code, stdout, stderr } = await command.ended;
    assert.equal(code, 0, stderr);
    const lines = stdout.toString().trimEnd().split("\n");
    assert.ok(lines.length > 150, `${lines.length} lines`);
    for (const line of lines) assert.match(line, /^\d{4}-\S+Z \((90, 160|160, 90), 3\) \d+\.\d$/);
  });
});

describe("plain pixels: a change of size ends the run instead of putting a reader out of step", () => {
  // One side alone: the frames that turn are 51x90 then.
  const turning = ["--start", "-40s", "--end", "-20s", "--out", "-"];

  for (const more of [["--format", "raw"], ["--format", "y4m"], ["--format", "raw", "--decoder", "node-av"], ["--format", "raw", "--max-frames", "1000"]]) {
    test(more.join(" "), async (context) => {
      const { code, stdout, stderr } = await kvsFrames(context, pull("turning", ...turning, "--resize", "x90", ...more));
      assert.equal(code, 65);
      const [, first = ""] = /the camera's frames changed from (160x90|51x90) to (160x90|51x90), which a reader of plain pixels cannot tell; use --framed, .* or --resize \1 \{/.exec(stderr) ?? [];
      const width = Number.parseInt(first, 10);
      const chroma = Math.ceil(width / 2) * 45 * 2;
      if (more.includes("y4m")) assert.equal((stdout.length - stdout.indexOf("\n") - 1) % ("FRAME\n".length + width * 90 + chroma), 0);
      else assert.ok(stdout.length > 0 && stdout.length % (width * 90 * 3) === 0, `${stdout.length} bytes of ${first}`);
    });
  }

  test("--resize gives all of them one size", async (context) => {
    const { code, stdout, stderr } = await kvsFrames(context, pull("turning", ...turning, "--format", "raw", "--resize", "160x90"));
    assert.equal(code, 0, stderr);
    assert.ok(stdout.length > 150 * 160 * 90 * 3 && stdout.length % (160 * 90 * 3) === 0);
  });
});

describe("records and pixels on two descriptors never wait for each other", { skip: process.platform === "win32" }, () => {
  /** Takes a record and then its pixels, or the other way round. */
  const reader = (isRecordFirst: boolean): string => `
import json, os, sys
records, pixels = os.fdopen(3, "rb"), sys.stdin.buffer
size = 1280 * 720 * 3
count = 0
while True:
    ${isRecordFirst ? "" : "data = pixels.read(size)"}
    line = records.readline()
    while line and json.loads(line)["type"] != "frame": line = records.readline()
    if not line: break
    ${isRecordFirst ? "data = pixels.read(size)" : ""}
    assert len(data) == json.loads(line)["bytes"], (len(data), line)
    count += 1
print(count)
`;
  for (const [order, isRecordFirst] of [["the record first", true], ["the pixels first", false]] as const) {
    for (const what of ["a range", "live"]) {
      test(`${order}, ${what}`, async (context) => {
        const more = what === "live" ? ["--max-frames", "40"] : ["--start", "-30s", "--end", "-26s"];
        const argv = pull("front", ...more, "--resize", "1280x720", "--format", "raw", "--out", "-", "--manifest", "/dev/fd/4").join(" ");
        const command = await Command.shell(context, `mkfifo records; kvs-frames ${argv} 4>records | python3 -c '${reader(isRecordFirst)}' 3<records`);
        const { code, stdout, stderr } = await command.ended;
        assert.equal(code, 0, stderr);
        assert.equal(stdout.toString(), what === "live" ? "40\n" : "100\n");
      });
    }
  }
});
