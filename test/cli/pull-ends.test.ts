import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { HLSStreamError, KVSConnectionError } from "../../src/core/errors.js";
import { Interrupted } from "../../src/cli/interrupted.js";
import { Limits } from "../../src/cli/pull/limits.js";
import { picturesIn } from "../helpers/pictures.js";
import { pull } from "../helpers/scripted-source.js";
import { TEST_TIME, temporaryDirectory, testFrame, testFrames } from "../helpers/test-frame.js";
import { mountMissing, mountTmpfs } from "../helpers/tmpfs.js";

test("--max-frames ends with that frame, without asking for one more", async (context) => {
  const { exitCode, summary, source, out } = await pull(context, "--max-frames 3", { steps: [...testFrames(3), "wait"] });
  assert.deepEqual([exitCode, summary?.ended, summary?.frames, source.delivered(), source.isDisposed()], [0, "max-frames", 3, 3, true]);
  assert.equal((await picturesIn(out)).length, 3);
});

test("--duration is a span of capture time, to the frame", async (context) => {
  const { exitCode, summary } = await pull(context, "--duration 1s", { steps: testFrames(25, { fps: 10 }) });
  assert.deepEqual([exitCode, summary?.ended, summary?.frames, summary?.durationMs], [0, "duration", 10, 900]);
});

test("--duration ends without frames too, and a timer that is too long for one does not fire at once", async () => {
  const silence = new Promise<void>((resolve) => {
    const limits = new Limits({ maxFrames: undefined, durationMs: 20, minSilenceMs: 40, onSilence: resolve });
    limits.admits(testFrame());
  });
  await silence;
  using endless = new Limits({ maxFrames: undefined, durationMs: 1e12, onSilence: () => assert.fail("fired at once") });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(endless.admits(testFrame({ capturedAt: TEST_TIME })));
});

for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`${name} finishes the frames in hand, writes the summary and gives ${code}`, async (context) => {
    const stop = new AbortController();
    const steps = (function* () {
      yield* testFrames(5);
      stop.abort(new Interrupted(name));
      yield "wait" as const;
    })();
    const { exitCode, summary, out, source } = await pull(context, "", { steps, signal: stop.signal });
    assert.deepEqual([exitCode, summary?.ended, summary?.frames, summary?.exitCode, summary?.error], [code, "signal", 5, code, undefined]);
    assert.equal((await picturesIn(out)).length, 5);
    assert.ok(source.isDisposed());
  });
}

test("an error of the source keeps what is written and gives its code", async (context) => {
  const error = new KVSConnectionError("stream front does not exist in eu-west-1; check --stream-name and --region", { code: "STREAM_NOT_FOUND" });
  const { exitCode, summary, out, stderr } = await pull(context, "", { steps: [...testFrames(4), error] });
  assert.deepEqual([exitCode, summary?.ended, summary?.frames, summary?.exitCode], [66, "error", 4, 66]);
  assert.deepEqual(summary?.error, { code: "STREAM_NOT_FOUND", message: error.message });
  assert.equal((await picturesIn(out)).length, 4);
  assert.match(stderr, /ERROR: stream front does not exist/);
});

test("a bug is one sentence and 70, without a stack", async (context) => {
  const { exitCode, summary, stderr } = await pull(context, "", { steps: [new TypeError("x is not a function")] });
  assert.deepEqual([exitCode, (summary?.error as { code: string }).code], [70, "INTERNAL"]);
  assert.match(stderr, /internal error: TypeError: x is not a function; this is a bug/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test("a token in an error's text stays out of stderr and of the summary", async (context) => {
  const error = new HLSStreamError("GET https://h/x.m3u8?SessionToken=CiAsecret failed", { code: "NETWORK" });
  const { stderr, stdout } = await pull(context, "", { steps: [error] });
  assert.ok(!`${stderr}${stdout}`.includes("CiAsecret"));
});

test("a reader that goes away ends the run quietly, without a summary, with 0", async (context) => {
  const reader = spawn("head", ["-n", "2"], { stdio: ["pipe", "pipe", "inherit"] });
  const { exitCode, stderr } = await pull(context, "--no-images", { stdout: reader.stdin, steps: testFrames(500), beforeNext: () => new Promise((resolve) => setTimeout(resolve, 1)) });
  assert.equal(exitCode, 0);
  assert.doesNotMatch(stderr, /ERROR|EPIPE/);
});

test("images to a reader that goes away: the records in the file say so", async (context) => {
  const manifest = join(await temporaryDirectory(context), "manifest.ndjson");
  const stdout = new PassThrough();
  const steps = (function* () {
    yield* testFrames(2);
    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    yield* testFrames(3);
  })();
  const { exitCode } = await pull(context, `--format raw --out - --manifest ${manifest}`, { stdout, steps });
  assert.equal(exitCode, 0);
  const { readFile } = await import("node:fs/promises");
  const last = JSON.parse((await readFile(manifest, "utf8")).trim().split("\n").at(-1) ?? "");
  assert.deepEqual([last.type, last.ended, last.exitCode], ["summary", "pipe", 0]);
});

test("a full disk ends a run that would wait for the camera, with 74 and a summary", { skip: mountMissing }, async (context) => {
  const out = await mountTmpfs(context, "size=64k");
  const big = (index: number) => testFrame({ width: 100, height: 100, index });
  const { exitCode, summary, stderr } = await pull(context, "--format raw", { out, steps: [big(0), big(1), big(2), big(3), "wait"] });
  assert.deepEqual([exitCode, summary?.ended, summary?.frames], [74, "error", 2]);
  assert.match(stderr, /the disk is full \(ENOSPC\); free some space or choose another --out/);
  assert.equal((await picturesIn(out)).length, 2);
});

test("an output that cannot be created is 73, before the stream is asked", async (context) => {
  const file = join(await temporaryDirectory(context), "file");
  await writeFile(file, "");
  const { exitCode, stderr, source } = await pull(context, `--out ${file}`);
  assert.deepEqual([exitCode, source.options.length], [73, 0]);
  assert.match(stderr, /^kvs-frames: cannot write .*file: a part of the path is a file, not a directory \(EEXIST\); choose another --out\n$/);
});

test("a metrics port in use is 73 and names the flag", async (context) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { exitCode, stderr, source } = await pull(context, `--metrics-port ${(other.address() as AddressInfo).port}`, { steps: ["wait"] });
  other.close();
  assert.deepEqual([exitCode, source.isDisposed()], [73, true]);
  assert.match(stderr, /the port is in use \(EADDRINUSE\); choose another --metrics-port/);
});
