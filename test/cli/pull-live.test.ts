import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { readCounter } from "../helpers/counter.js";
import { CREDENTIALS, Emulated } from "../helpers/emulated.js";
import { picturesIn } from "../helpers/pictures.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,fps=25,size=320x240")] });

/** The binary against the emulator. */
async function kvsFrames(...argv: string[]): Promise<{ code: number; records: Record<string, unknown>[]; stdout: Buffer; stderr: string }> {
  const env = { ...process.env, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: "us-east-1" };
  const child = spawn(process.execPath, ["bin/kvs-frames.js", "pull", "--endpoint-url", emulated.emulator.url, ...argv], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: [] as Buffer[], stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => text.stdout.push(chunk));
  child.stderr.on("data", (chunk) => (text.stderr += chunk));
  const [code] = (await once(child, "close")) as [number];
  const stdout = Buffer.concat(text.stdout);
  const records = stdout.toString().split("\n").filter((line) => line.startsWith('{"type":')).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, records, stdout, stderr: text.stderr };
}

test("two seconds of a live camera are fifty images, their records and nothing about the SDK", async (context) => {
  const out = await temporaryDirectory(context);
  const { code, records, stderr } = await kvsFrames("--stream-name", "front", "--duration", "2s", "--out", out);
  assert.equal(code, 0, stderr);
  const frames = records.filter(({ type }) => type === "frame");
  assert.equal(frames.length, 50);
  assert.deepEqual(frames.map(({ path }) => path), (await picturesIn(out)).map((file) => join(out, file)));
  const { fps, gaps, ended } = records.at(-1) ?? {};
  assert.deepEqual([fps, gaps, ended], [25, 0, "duration"]);
  assert.doesNotMatch(stderr, /AWS SDK|Warning|SessionToken/);
});

test("raw frames to stdout are whole frames, each the one after the last", async () => {
  const FRAMES = 60;
  const FRAMES_A_LOOP = 20 * 25;
  const SIZE = 320 * 240 * 3;
  const { code, stdout } = await kvsFrames("--stream-name", "front", "--max-frames", String(FRAMES), "--format", "raw", "--out", "-");
  assert.deepEqual([code, stdout.length], [0, FRAMES * SIZE]);
  const shown = Array.from({ length: FRAMES }, (_, at) => readCounter(stdout.subarray(at * SIZE, (at + 1) * SIZE), 320, 240, 3));
  assert.deepEqual(shown, shown.map((_, at) => (shown[0]! + at) % FRAMES_A_LOOP));
});

test("raw frames are resized", async () => {
  const { stdout } = await kvsFrames("--stream-name", "front", "--max-frames", "2", "--format", "raw", "--resize", "160x", "--out", "-");
  assert.equal(stdout.length, 2 * 160 * 120 * 3);
});

test("a stream that is not there is 66 and one ERROR line", async (context) => {
  const { code, stderr } = await kvsFrames("--stream-name", "back", "--out", await temporaryDirectory(context));
  assert.equal(code, 66);
  assert.equal(stderr.match(/ERROR/g)?.length, 1);
});
