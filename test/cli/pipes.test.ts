import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf, type CommandResult } from "../helpers/command.js";
import { readCounter } from "../helpers/counter.js";
import { Emulated } from "../helpers/emulated.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=320x180,fps=25,loop=4")] });

const flags = (): string[] => ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front"];

/** The command and a reader of its output, in a shell that tells the failure of either. */
async function piped(context: TestContext, more: string, reader: string): Promise<CommandResult> {
  const command = await Command.shell(context, `kvs-frames ${flags().join(" ")} ${more} | ${reader}`);
  return command.ended;
}

describe("a reader that has had enough ends the run, and nobody complains", { concurrency: 4 }, () => {
  for (const more of ["--no-images", "--out frames"]) {
    test(`pull ${more} | head -3`, async (context) => {
      const { code, stdout, stderr } = await piped(context, `${more} --quiet`, "head -3");
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(recordsOf(stdout).map(({ type }) => type), ["session", "frame", "frame"]);
    });
  }

  for (const format of ["raw", "jpeg"]) {
    test(`pull --out - --format ${format} | head -c 1000`, async (context) => {
      const { code, stdout, stderr } = await piped(context, `--out - --format ${format} --quiet`, "head -c 1000");
      assert.deepEqual([code, stdout.length, stderr], [0, 1000, ""]);
    });
  }

  test("a log at info tells of the end without an error", async (context) => {
    const { code, stderr } = await piped(context, "--no-images", "head -3");
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /WARN|ERROR|EPIPE/);
    assert.match(stderr, /INFO: finished \{"ended":"pipe"/);
  });

  test("a reader that never reads is 0 as well", async (context) => {
    const { code, stderr } = await piped(context, "--no-images --quiet", "true");
    assert.deepEqual([code, stderr], [0, ""]);
  });
});

describe("stdout holds what it is for and nothing else", { concurrency: 4 }, () => {
  for (const format of ["text", "json"]) {
    test(`records only, with --log-level trace --log-format ${format}`, async (context) => {
      const { code, stdout, stderr } = await kvsFrames(context, [...flags(), "--out", "frames", "--max-frames", "60", "--log-level", "trace", "--log-format", format]);
      assert.equal(code, 0, stderr);
      assert.ok(stdout.toString().endsWith("}\n"));
      const records = recordsOf(stdout);
      assert.equal(records.filter(({ type }) => type === "frame").length, 60);
      assert.deepEqual([records[0]?.type, records.at(-1)?.type], ["session", "summary"]);
      const lines = stderr.trimEnd().split("\n");
      assert.ok(lines.length > 60, "trace tells of each frame");
      for (const line of lines) {
        if (format === "json") assert.match(String((JSON.parse(line) as { level: unknown }).level), /^(trace|debug|info|warn|error)$/);
        else assert.match(line, /^\[\d\d:\d\d:\d\d\.\d{3}\] (TRACE|DEBUG|INFO|WARN): /);
      }
    });
  }

  test("JPEGs one after the other with --out -, each whole, in order", async (context) => {
    const { code, stdout, stderr } = await kvsFrames(context, [...flags(), "--out", "-", "--max-frames", "30", "--log-level", "trace"]);
    assert.equal(code, 0, stderr);
    const numbers: number[] = [];
    for (const image of cutJpegs(stdout)) {
      const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [320, 180]);
      numbers.push(readCounter(data, info.width, info.height, info.channels));
    }
    assert.equal(numbers.length, 30);
    assert.deepEqual(numbers, numbers.map((_, index) => ((numbers[0] ?? 0) + index) % 100));
  });
});

/** Cuts JPEGs by their own structure: segments by their length up to the scan, the scan up to its end marker. */
function cutJpegs(bytes: Buffer): Buffer[] {
  const images: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    assert.equal(bytes.readUInt16BE(start), 0xffd8, "an image begins where the last one ends");
    let at = start + 2;
    while (bytes[at + 1] !== 0xda) {
      assert.equal(bytes[at], 0xff);
      at += 2 + bytes.readUInt16BE(at + 2);
    }
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), at) + 2;
    assert.ok(end > at, "the last image is whole");
    images.push(bytes.subarray(start, end));
    start = end;
  }
  return images;
}
