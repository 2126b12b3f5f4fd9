import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { OptionError, OutputError } from "../../src/core/errors.js";
import { Checkpoint } from "../../src/sinks/checkpoint.js";
import { temporaryDirectory, testFrame } from "../helpers/test-frame.js";
import { mountMissing, mountTmpfs } from "../helpers/tmpfs.js";

const OF = { camera: "front", clock: "producer" } as const;
const frame = testFrame({ fragment: "9134385233318123", index: 7, pts: 466.5 });

test("a checkpoint holds the last frame written, whatever came before", async (context) => {
  const path = join(await temporaryDirectory(context), "front.resume");
  const first = await Checkpoint.open(path, OF);
  assert.equal(first.resumption, undefined);
  first.save(testFrame({ fragment: "9".repeat(128), index: 1 }), 4);
  first.save(frame, 5);
  await first.close();
  const second = await Checkpoint.open(path, OF);
  const { resumption } = second;
  await second.close();
  assert.deepEqual(resumption, { after: { fragment: frame.fragment, index: 7, capturedAt: frame.capturedAt, pts: 466.5 }, seq: 6 });
});

test("a checkpoint stays one line of the same length", async (context) => {
  const path = join(await temporaryDirectory(context), "front.resume");
  const checkpoint = await Checkpoint.open(path, { ...OF, camera: "ü".repeat(256) });
  checkpoint.save(frame, 0);
  const { size } = await stat(path);
  for (let seq = 1; seq < 1000; seq++) checkpoint.save(frame, seq);
  const text = await readFile(path, "utf8");
  await checkpoint.close();
  assert.equal((await stat(path)).size, size);
  assert.equal(text.indexOf("\n"), text.length - 1);
});

for (const [name, content] of [["something else", "a,b,c\n"], ["a file too large", `${JSON.stringify({ type: "checkpoint" })}${" ".repeat(100_000)}`], ["a cut checkpoint", '{"type":"checkpoint","schema":1,"camera":"fro'], ["another schema", '{"type":"checkpoint","schema":2}']] as const) {
  test(`${name} is no checkpoint, and stays as it is`, async (context) => {
    const path = join(await temporaryDirectory(context), "notes.txt");
    await writeFile(path, content);
    await assert.rejects(Checkpoint.open(path, OF), (error) => error instanceof OptionError && /resume must name a checkpoint file .* got ".*notes\.txt"/.test(error.message));
    assert.equal(await readFile(path, "utf8"), content);
  });
}

test("a checkpoint of another camera or clock is refused by name", async (context) => {
  const path = join(await temporaryDirectory(context), "front.resume");
  const own = await Checkpoint.open(path, OF);
  own.save(frame, 0);
  await own.close();
  await assert.rejects(Checkpoint.open(path, { ...OF, camera: "yard" }), /is of camera "front" on the producer clock, wanted "yard" on the producer clock/);
  await assert.rejects(Checkpoint.open(path, { ...OF, clock: "server" }), OptionError);
});

test("two runs on one checkpoint: the one that notices the other ends, and the other goes on", async (context) => {
  const path = join(await temporaryDirectory(context), "front.resume");
  const [first, second] = [await Checkpoint.open(path, OF), await Checkpoint.open(path, OF)];
  first.save(frame, 0);
  const message = `resume "${path}" is also written by another run; give each run a separate file`;
  assert.throws(() => second.save(frame, 0), (error) => error instanceof OptionError && error.message === message);
  first.save(frame, 1);
  await Promise.all([first.close(), second.close()]);
});

test("a checkpoint that cannot be opened is CANNOT_CREATE and names the flag", async () => {
  await assert.rejects(Checkpoint.open("/nowhere/at/all", OF), (error) => error instanceof OutputError && error.code === "CANNOT_CREATE" && error.message.endsWith("choose another --resume"));
});

test("a checkpoint needs no space once it is there", { skip: mountMissing }, async (context) => {
  const directory = await mountTmpfs(context, "size=64k");
  const checkpoint = await Checkpoint.open(join(directory, "front.resume"), OF);
  checkpoint.save(frame, 0);
  await assert.rejects(writeFile(join(directory, "filler"), Buffer.alloc(128 * 1024)), { code: "ENOSPC" });
  checkpoint.save(frame, 1);
  await checkpoint.close();
});
