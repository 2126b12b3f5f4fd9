import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=64x36,fps=10,fragment=1,loop=2,history=600")] });

/** The three lines by their first words; nothing is written. */
async function dryRun(context: TestContext, ...args: readonly string[]): Promise<Record<string, string>> {
  const command = await Command.start(context, ["pull", "--stream-name", "front", "--endpoint-url", emulated.emulator.url, "--dry-run", ...args]);
  const { code, stdout, stderr } = await command.ended;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual((await readdir(command.directory)).filter((name) => !name.startsWith(".")), []);
  return Object.fromEntries(stdout.toString().trimEnd().split("\n").map((line) => [line.split(" ", 1)[0], line.replace(/^\S+ +/, "")]));
}

describe("--dry-run", { concurrency: 2 }, () => {
  test("of a range counts what is stored of it", async (context) => {
    const { reads, bills, writes } = await dryRun(context, "--start", "-3m", "--end", "-2m", "--target-fps", "5");
    assert.match(reads ?? "", /^front, \S+Z to \S+Z: 1 m 00 s stored in 1 stretch, 6[01] fragments, [\d.]+ kB$/);
    assert.match(bills ?? "", /^[\d.]+ kB, about \$[\d.e-]+ at \$0\.0119 for 10\^9 bytes at most$/);
    assert.match(writes ?? "", /^about 300 pictures as jpeg to frames\/front, such as \d{4}-\d\d-\d\d\/\d{8}T\d{6}\.\d{3}Z_0000\.jpg; records to stdout$/);
  });

  test("of a live stream measures it", async (context) => {
    const { reads, bills, writes } = await dryRun(context, "--out", "shots", "--format", "png", "--manifest", "x.ndjson", "--duration", "1h");
    assert.equal(reads, "front, live for 1 h 00 m");
    assert.match(bills ?? "", /^[\d.]+ MB, about \$[\d.]+ at \$0\.0119 for 10\^9 bytes for 1 h 00 m of the stream$/);
    assert.match(writes ?? "", /^every picture as png to shots, such as .*\.png; records to x\.ndjson$/);
  });

  test("of a range that goes on live says so, and one that ends in time does not", async (context) => {
    const open = await dryRun(context, "--start", "-2m");
    assert.match(`${open["reads"]} ${open["bills"]}`, /, and then the live stream .*, and what the live stream brings$/);
    const ended = await dryRun(context, "--start", "-2m", "--duration", "1m", "--max-frames", "1");
    assert.doesNotMatch(`${ended["reads"]} ${ended["bills"]}`, /live/);
    assert.match(ended["writes"] ?? "", /^about 1 picture as jpeg/);
  });

  test("of records alone names no pictures", async (context) => {
    assert.equal((await dryRun(context, "--start", "-2m", "--no-images"))["writes"], "records to stdout");
  });
});
