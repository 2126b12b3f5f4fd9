import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { FramePool } from "../../src/decoder/frame-pool.js";
import { FrameReader } from "../../src/decoder/frame-reader.js";
import { startFfmpeg } from "../../src/decoder/process.js";

const SIZE = 300_000;
const COUNT = 12;
const REST = 17;
/** Writes pictures of one byte value each, and the start of another. */
const PROGRAM = `for (let i = 0; i < ${COUNT}; i++) fs.writeSync(1, Buffer.alloc(${SIZE}, i)); fs.writeSync(1, Buffer.alloc(${REST}))`;

interface Reading {
  readonly isReleased: boolean;
  readonly pauseMs: number;
}

/** Reads what a child writes; gives the value of each picture as it was when it came and as it was when all had come. */
async function read({ isReleased, pauseMs }: Reading): Promise<{ atOnce: number[]; later: number[]; buffers: number; rest: number }> {
  const pool = new FramePool();
  const reader = new FrameReader(SIZE, pool);
  const { pixels, kill } = await startFfmpeg({ path: process.execPath, version: "", env: process.env }, ["-e", PROGRAM], reader.onread);
  const frames = reader.frames(pixels);
  const atOnce: number[] = [];
  const kept: Buffer[] = [];
  let result = await frames.next();
  for (; !result.done; result = await frames.next()) {
    const frame = result.value;
    await sleep(pauseMs);
    assert.ok(frame.every((byte) => byte === frame[0]), "one picture has bytes of another");
    atOnce.push(frame[0] ?? -1);
    kept.push(frame);
    if (isReleased) pool.give(frame);
  }
  await kill();
  return { atOnce, later: kept.map(([first]) => first ?? -1), buffers: new Set(kept).size, rest: result.value };
}

const EXPECTED = [...Array(COUNT).keys()];

for (const kind of ["a socket", "a pipe"]) {
  test(`pictures of ${kind} come whole and in order, to a slow reader as well`, async (context) => {
    if (kind === "a pipe") withoutTemporaryDirectory(context);
    for (const pauseMs of [0, 20]) {
      const { atOnce, later, buffers, rest } = await read({ isReleased: false, pauseMs });
      assert.deepEqual(atOnce, EXPECTED);
      assert.deepEqual(later, EXPECTED, "a picture that was kept was overwritten");
      assert.equal(buffers, COUNT);
      assert.equal(rest, REST);
    }
  });

  test(`pictures of ${kind} that are released leave their memory to later ones`, async (context) => {
    if (kind === "a pipe") withoutTemporaryDirectory(context);
    const { atOnce, buffers } = await read({ isReleased: true, pauseMs: 2 });
    assert.deepEqual(atOnce, EXPECTED);
    assert.ok(buffers <= 4, `${buffers} buffers for ${COUNT} pictures`);
  });
}

function withoutTemporaryDirectory(context: { after(restore: () => void): void }): void {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = "/no/such/directory";
  context.after(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
}

test("a pool lends a buffer to one at a time, and takes back only what it lent", () => {
  const pool = new FramePool();
  const first = pool.take(10);
  pool.give(first);
  pool.give(first);
  assert.equal(pool.take(10), first);
  assert.notEqual(pool.take(10), first);
  const foreign = Buffer.alloc(10);
  pool.give(foreign);
  assert.notEqual(pool.take(10), foreign);
});

test("a pool gives no buffer of another size", () => {
  const pool = new FramePool();
  pool.give(pool.take(10));
  assert.equal(pool.take(20).length, 20);
});
