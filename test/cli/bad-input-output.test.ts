import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { kvsFrames, recordsOf, type CommandResult } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { assertFailure } from "../helpers/failure.js";
import { picturesIn } from "../helpers/pictures.js";
import { temporaryDirectory } from "../helpers/test-frame.js";
import { mountMissing, mountTmpfs } from "../helpers/tmpfs.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=320x180,loop=4")] });

const pull = (context: TestContext, ...flags: string[]): Promise<CommandResult> =>
  kvsFrames(context, ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--max-frames", "200", ...flags]);

describe("output that has no place", { concurrency: 4 }, () => {
  test("a file in the place of the directory is 73", async (context) => {
    const file = join(await temporaryDirectory(context), "file");
    await writeFile(file, "");
    const says = /cannot write .*file: a part of the path is a file, not a directory \(EEXIST\); choose another --out/;
    assertFailure(await pull(context, "--out", file), { code: 73, says, isEarly: true });
    const below = /cannot write .*file\/below: a part of the path is a file, not a directory \(ENOTDIR\); choose another --out/;
    assertFailure(await pull(context, "--out", join(file, "below")), { code: 73, says: below, isEarly: true });
  });

  test("a file system that takes no new names is 73, at once", { skip: process.platform !== "linux" }, async (context) => {
    const startedAt = performance.now();
    const says = /cannot write \/proc\/x\/y: the directory does not exist \(ENOENT\); create it or choose another --out/;
    assertFailure(await pull(context, "--out", "/proc/x/y"), { code: 73, says, isEarly: true });
    assert.ok(performance.now() - startedAt < 5000);
  });

  test("a read-only file system is 73", { skip: mountMissing }, async (context) => {
    const place = await mountTmpfs(context, "ro,size=64k");
    const says = /cannot write .*: the file system is read-only \(EROFS\); choose another --(out|manifest)/;
    assertFailure(await pull(context, "--out", join(place, "frames")), { code: 73, says, isEarly: true });
    assertFailure(await pull(context, "--no-images", "--manifest", join(place, "frames.ndjson")), { code: 73, says, isEarly: true });
    assertFailure(await pull(context, "--out", place), { code: 73, says });
  });

  test("a full disk is 74, and what is there is whole", { skip: mountMissing }, async (context) => {
    const place = await mountTmpfs(context, "size=200k");
    const result = await pull(context, "--out", place);
    assertFailure(result, { code: 74, says: /cannot write .*: the disk is full \(ENOSPC\); free some space or choose another --out/ });
    const frames = recordsOf(result.stdout).filter(({ type }) => type === "frame");
    assert.ok(frames.length > 0);
    assert.deepEqual((await picturesIn(place)).map((file) => join(place, file)), frames.map(({ path }) => path));
    for (const { path } of frames) await sharp(await readFile(String(path))).stats();
  });

  test("a disk that the records fill is 74", { skip: mountMissing }, async (context) => {
    const place = await mountTmpfs(context, "size=4k");
    const { code, stderr } = await pull(context, "--no-images", "--manifest", join(place, "frames.ndjson"));
    assert.equal(code, 74, stderr);
    assert.equal(stderr.match(/ERROR: cannot write .*frames\.ndjson: the disk is full \(ENOSPC\); free some space or choose another --manifest/g)?.length, 1, stderr);
  });

  test("a place for the records that cannot be is 73", async (context) => {
    const place = await temporaryDirectory(context);
    await mkdir(join(place, "directory"));
    const missing = /cannot write .*absent\/frames\.ndjson: the directory does not exist \(ENOENT\); create it or choose another --manifest/;
    assertFailure(await pull(context, "--manifest", join(place, "absent", "frames.ndjson")), { code: 73, says: missing, isEarly: true });
    const directory = /cannot write .*directory: it is a directory \(EISDIR\); choose another --manifest/;
    assertFailure(await pull(context, "--manifest", join(place, "directory")), { code: 73, says: directory, isEarly: true });
  });

  test("a metrics port in use is 73", async (context) => {
    const other = createServer().listen(0, "127.0.0.1");
    context.after(() => other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const says = /cannot serve metrics on 127\.0\.0\.1:\d+: the port is in use \(EADDRINUSE\); choose another --metrics-port, or 0 for any free one/;
    assertFailure(await pull(context, "--metrics-port", String(port)), { code: 73, says });
  });
});
