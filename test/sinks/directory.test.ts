import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { OutputError, type ErrorCode } from "../../src/core/errors.js";
import { DirectorySink } from "../../src/sinks/directory.js";
import { compileFilename } from "../../src/sinks/filename.js";
import { DEFAULT_TEMPLATE } from "../../src/sinks/formats.js";
import { temporaryDirectory, testFrame } from "../helpers/test-frame.js";
import { mountMissing, mountTmpfs } from "../helpers/tmpfs.js";

const sinkInto = (directory: string, template = DEFAULT_TEMPLATE): DirectorySink =>
  new DirectorySink({ directory, filename: compileFilename(template, { cameraId: "front", extension: "jpg" }) });

const isOutputError = (code: ErrorCode, ...parts: string[]) => (error: unknown): boolean => {
  assert.ok(error instanceof OutputError, String(error));
  assert.equal(error.code, code);
  for (const part of parts) assert.ok(error.message.includes(part), error.message);
  return true;
};

test("writes the bytes under the frame's name, directories included, and nothing beside", async (context) => {
  const directory = await temporaryDirectory(context);
  const path = await sinkInto(join(directory, "new"), "%Y/{camera}_{seq}").write({ frame: testFrame(), seq: 3 }, Buffer.from("image"));
  assert.equal(path, join(directory, "new", "2026", "front_000003.jpg"));
  assert.equal(await readFile(path, "utf8"), "image");
  assert.deepEqual(await readdir(join(directory, "new", "2026")), ["front_000003.jpg"]);
});

test("the same frame written again is one file", async (context) => {
  const directory = await temporaryDirectory(context);
  const [first, again] = [await sinkInto(directory).write({ frame: testFrame(), seq: 0 }, Buffer.from("image")), await sinkInto(directory).write({ frame: testFrame(), seq: 0 }, Buffer.from("image"))];
  assert.equal(again, first);
  assert.equal((await readdir(directory)).length, 1);
});

test("different frames of one name are all kept, in one run and in the next", async (context) => {
  const directory = await temporaryDirectory(context);
  const write = (index: number) => sinkInto(directory, "latest").write({ frame: testFrame({ fragment: "42", index }), seq: index }, Buffer.from(`image ${index}`));
  const paths = [await write(0), await write(1), await write(2), await write(1)];
  assert.deepEqual(paths, ["latest.jpg", "latest_42-1.jpg", "latest_42-2.jpg", "latest_42-1.jpg"].map((name) => join(directory, name)));
  assert.deepEqual(await Promise.all(paths.map((path) => readFile(path, "utf8"))), ["image 0", "image 1", "image 2", "image 1"]);
});

test("two writers of one name at the same moment both keep their frame", async (context) => {
  const directory = await temporaryDirectory(context);
  const fragments = Array.from({ length: 20 }, (_, camera) => String(camera));
  const paths = await Promise.all(fragments.map((fragment) => sinkInto(directory).write({ frame: testFrame({ fragment }), seq: 0 }, Buffer.from(fragment))));
  assert.equal(new Set(paths).size, fragments.length);
  assert.deepEqual(await Promise.all(paths.map((path) => readFile(path, "utf8"))), fragments);
});

test("a file in the way of the directory is named", async (context) => {
  const directory = await temporaryDirectory(context);
  const file = join(directory, "frames");
  await writeFile(file, "");
  await assert.rejects(sinkInto(file).prepare(), isOutputError("CANNOT_CREATE", `cannot write ${file}: a part of the path is a file`, "choose another --out"));
  await assert.rejects(sinkInto(join(file, "front")).prepare(), isOutputError("CANNOT_CREATE", "(ENOTDIR)"));
  await assert.rejects(sinkInto(file).write({ frame: testFrame(), seq: 0 }, Buffer.from("x")), isOutputError("CANNOT_CREATE"));
});

test("a directory in the place of the file is named", async (context) => {
  const directory = await temporaryDirectory(context);
  await mkdir(join(directory, "latest.jpg"));
  await assert.rejects(sinkInto(directory, "latest").write({ frame: testFrame(), seq: 0 }, Buffer.from("x")), isOutputError("CANNOT_CREATE", "it is a directory (EISDIR)"));
  assert.deepEqual(await readdir(directory), ["latest.jpg"]);
});

const isRoot = process.getuid?.() === 0;

test("a directory without permission is CANNOT_CREATE", { skip: isRoot && "root may write anywhere" }, async (context) => {
  const directory = await temporaryDirectory(context);
  await chmod(directory, 0o500);
  await assert.rejects(sinkInto(directory).write({ frame: testFrame(), seq: 0 }, Buffer.from("x")), isOutputError("CANNOT_CREATE", "permission is denied (EACCES)"));
});

test("a read-only file system is CANNOT_CREATE", { skip: mountMissing }, async (context) => {
  const directory = await mountTmpfs(context, "ro");
  await assert.rejects(sinkInto(directory).write({ frame: testFrame(), seq: 0 }, Buffer.from("x")), isOutputError("CANNOT_CREATE", "the file system is read-only (EROFS)"));
});

test("a full disk is WRITE_FAILED, keeps what is whole and leaves no part of a file", { skip: mountMissing }, async (context) => {
  const directory = await mountTmpfs(context, "size=64k");
  const write = (seq: number) => sinkInto(directory, "{seq}").write({ frame: testFrame(), seq }, Buffer.alloc(40_000, seq + 1));
  await write(0);
  await assert.rejects(write(1), isOutputError("WRITE_FAILED", `cannot write ${join(directory, "000001.jpg")}: the disk is full (ENOSPC); free some space or choose another --out`));
  assert.deepEqual(await readdir(directory), ["000000.jpg"]);
  assert.deepEqual(await readFile(join(directory, "000000.jpg")), Buffer.alloc(40_000, 1));
});
