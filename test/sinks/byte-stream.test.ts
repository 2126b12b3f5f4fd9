import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { OutputError } from "../../src/core/errors.js";
import { ByteStream, ReaderGoneError } from "../../src/sinks/byte-stream.js";
import { FileStream } from "../../src/sinks/file-stream.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const STDOUT = { name: "stdout", flag: "--out" };

test("a slow reader holds the writer back", async () => {
  const pipe = new PassThrough({ highWaterMark: 10 });
  const stream = new ByteStream(pipe, STDOUT);
  let written = 0;
  const writing = (async () => {
    for (let chunk = 0; chunk < 10; chunk++) {
      await stream.write(Buffer.alloc(10, chunk));
      written++;
    }
    await stream.close();
  })();
  await sleep(20);
  assert.ok(written < 5, `${written} chunks went on without a reader`);
  const chunks = await pipe.toArray() as Buffer[];
  await writing;
  assert.equal(Buffer.concat(chunks).length, 100);
});

test("a reader that goes away is a ReaderGoneError, for every further write too", async () => {
  const reader = spawn("head", ["-c", "1"], { stdio: ["pipe", "ignore", "inherit"] });
  const stream = new ByteStream(reader.stdin, STDOUT);
  const flood = async () => {
    for (;;) await stream.write(Buffer.alloc(65_536));
  };
  await assert.rejects(flood, ReaderGoneError);
  await assert.rejects(stream.write("more"), ReaderGoneError);
});

test("a stream that fails and forgets the write in hand does not leave its writer waiting", async () => {
  const pipe = new PassThrough({ highWaterMark: 1 });
  const stream = new ByteStream(pipe, STDOUT);
  const forgotten = stream.write("a");
  pipe.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  await assert.rejects(forgotten, ReaderGoneError);
});

test("a stream that was closed without a failure has no reader either", async () => {
  const pipe = new PassThrough().destroy();
  await assert.rejects(new ByteStream(pipe, STDOUT).write("a"), ReaderGoneError);
});

test("a full device is WRITE_FAILED in people's words", { skip: process.platform !== "linux" }, async () => {
  const stream = new ByteStream(createWriteStream("/dev/full"), STDOUT);
  await assert.rejects(stream.write("x"), (error) => error instanceof OutputError && error.code === "WRITE_FAILED" && error.message.startsWith("cannot write stdout: the disk is full (ENOSPC)"));
});

test("a file stream goes on after what the file holds", async (context) => {
  const path = join(await temporaryDirectory(context), "manifest.ndjson");
  for (const run of ["first", "second"]) {
    const stream = await FileStream.open(path, "--manifest");
    await stream.write(`${run} a\n`);
    await stream.write(`${run} b\n`);
    await stream.close();
  }
  assert.equal(await readFile(path, "utf8"), "first a\nfirst b\nsecond a\nsecond b\n");
});

test("a file that cannot be opened is CANNOT_CREATE and names the flag", async (context) => {
  const path = join(await temporaryDirectory(context), "none", "manifest.ndjson");
  await assert.rejects(FileStream.open(path, "--manifest"), (error) => error instanceof OutputError && error.code === "CANNOT_CREATE" && error.message === `cannot write ${path}: the directory does not exist (ENOENT); create it or choose another --manifest`);
});
