import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../helpers/test-frame.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (text.stdout += chunk));
  child.stderr?.on("data", (chunk) => (text.stderr += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...text };
}

const kvsFrames = (...argv: string[]): Promise<Ended> => ended(spawn(process.execPath, ["bin/kvs-frames.js", ...argv], { cwd: root }));

/** The same program on frames of the fixture's own. */
async function startPull(context: TestContext, flags: string[] = [], env: Record<string, string> = {}, stdout: "pipe" | number = "pipe"): Promise<ChildProcess> {
  const out = await temporaryDirectory(context);
  const argv = ["--import", "tsx", "test/fixtures/pull-program.ts", "pull", "--stream-name", "front", "--out", out, ...flags];
  return spawn(process.execPath, argv, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", stdout, "pipe"] });
}

test("--version and --help are for stdout, with 0", async () => {
  const version = await kvsFrames("--version");
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const help = await kvsFrames("--help");
  assert.deepEqual([version.code, help.code, version.stderr, help.stderr], [0, 0, "", ""]);
  for (const code of [0, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78, 130, 143]) assert.match(help.stdout, new RegExp(`^ +${code} {2}\\w`, "m"));
  assert.match((await kvsFrames("pull", "--help")).stdout, /Examples:\n/);
});

test("no command is the help on stderr, with 64", async () => {
  const { code, stdout, stderr } = await kvsFrames();
  assert.deepEqual([code, stdout], [64, ""]);
  assert.match(stderr, /^Usage: kvs-frames/);
});

test("a bad flag is one sentence with a suggestion, and 64", async () => {
  const { code, stdout, stderr } = await kvsFrames("pull", "--target-fsp", "5");
  assert.deepEqual([code, stdout, stderr], [64, "", "kvs-frames: unknown option '--target-fsp' (did you mean --target-fps?); see --help\n"]);
});

test("--help to a reader that goes away is quiet, to a full device it is 74", { skip: process.platform !== "linux" }, async () => {
  const reader = spawn("true", { stdio: ["pipe", "ignore", "inherit"] });
  await once(reader, "exit");
  const piped = await ended(spawn("bash", ["-c", `set -o pipefail; ${process.execPath} bin/kvs-frames.js pull --help | true`], { cwd: root }));
  assert.deepEqual([piped.code, piped.stderr], [0, ""]);
  const full = spawn(process.execPath, ["bin/kvs-frames.js", "--help"], { cwd: root, stdio: ["ignore", openSync("/dev/full", "w"), "pipe"] });
  assert.equal((await ended(full)).code, 74);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`${signal} ends a run with its summary and ${code}`, async (context) => {
    const child = await startPull(context, [], { THEN: "wait" });
    child.stdout?.once("data", () => child.kill(signal));
    const result = await ended(child);
    assert.equal(result.code, code);
    const summary = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "");
    assert.deepEqual([summary.type, summary.ended, summary.exitCode], ["summary", "signal", code]);
  });

  test(`a second ${signal} does not wait for a run that hangs`, async (context) => {
    const child = await startPull(context, [], { FRAMES: "1", THEN: "hang" });
    child.stdout?.once("data", () => {
      child.kill(signal);
      setTimeout(() => child.kill(signal), 200);
    });
    assert.equal((await ended(child)).code, code);
  });
}

test("`| head` ends a run quietly with 0", async (context) => {
  const child = await startPull(context, ["--no-images"], { FRAMES: "5000" });
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, stderr } = await ended(child);
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /error|EPIPE/i);
});

test("records to a full device are 74 in people's words", { skip: process.platform !== "linux" }, async (context) => {
  const child = await startPull(context, [], { THEN: "wait" }, openSync("/dev/full", "w"));
  const { code, stderr } = await ended(child);
  assert.equal(code, 74);
  assert.match(stderr, /cannot write stdout: the disk is full \(ENOSPC\); free some space or choose another --manifest/);
});

test("a promise that fails behind our back is one sentence and 70, with the stack for --log-level debug", async (context) => {
  for (const [flags, hasStack] of [[[], false], [["--log-level", "debug"], true]] as const) {
    const { code, stderr } = await ended(await startPull(context, [...flags], { FRAMES: "1", THEN: "bug" }));
    assert.equal(code, 70);
    assert.match(stderr, /^kvs-frames: internal error: TypeError: x is not a function; this is a bug/m);
    assert.equal(/\n\s+at /.test(stderr), hasStack);
  }
});

test("a token in the words of a bug stays out of the stack too", async (context) => {
  const { code, stderr } = await ended(await startPull(context, ["--log-level", "trace"], { FRAMES: "1", THEN: "leak" }));
  assert.equal(code, 70);
  assert.match(stderr, /\n\s+at /);
  assert.doesNotMatch(stderr, /CiAsecret/);
});

test("the SDK's notice about its next version does not reach users, other warnings do", async () => {
  const script = `
    const { main } = await import("./dist/bundle/cli.cjs");
    process.argv = [process.argv[0], "kvs-frames", "--version"];
    await main();
    const { KinesisVideoClient } = await import("@aws-sdk/client-kinesis-video");
    new KinesisVideoClient({ region: "eu-west-1" });
    process.emitWarning("something else");`;
  const { stderr } = await ended(spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: root }));
  assert.doesNotMatch(stderr, /AWS SDK/);
  assert.match(stderr, /Warning: something else/);
});
