import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, BINARY, kvsFrames, recordsOf } from "../helpers/command.js";
import { CREDENTIALS, Emulated, FFMPEG } from "../helpers/emulated.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=64x36,fps=10,loop=4")] });
const pull = (...more: string[]): string[] => ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--quiet", "--start", "-30s", "--end", "-29s", ...more];

describe("machines: what lies at the name of a frame", { concurrency: 2, skip: process.platform === "win32" }, () => {
  for (const [what, put] of [
    ["a FIFO", (path: string) => void execFileSync("mkfifo", [path])],
    ["a link to an endless device", (path: string) => symlink("/dev/zero", path)],
  ] as const) {
    test(`${what} is left alone, and not read`, async (context) => {
      const frames = await temporaryDirectory(context);
      await put(join(frames, "same.jpg"));
      const { code, stdout, stderr } = await kvsFrames(context, pull("--target-fps", "1", "--out", frames, "--filename", "same"));
      assert.equal(code, 0, stderr);
      const [path] = recordsOf(stdout).flatMap(({ type, path: each }) => (type === "frame" ? [String(each)] : []));
      assert.match(String(path), /same_\d+-\d+\.jpg$/);
    });
  }
});

test("machines: --latest-link leads to the picture through a directory that is a link", async (context) => {
  const directory = await temporaryDirectory(context);
  await mkdir(join(directory, "disk", "deep"), { recursive: true });
  await symlink(join(directory, "disk", "deep"), join(directory, "link"));
  const { code, stderr } = await kvsFrames(context, ["snapshot", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--out", join(directory, "pictures", "a.jpg"), "--latest-link", join(directory, "link", "latest.jpg")]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await readFile(join(directory, "link", "latest.jpg")), await readFile(join(directory, "pictures", "a.jpg")));
  assert.doesNotMatch(await readlink(join(directory, "link", "latest.jpg")), /^\//);
});

test("machines: ffmpeg gets no more of the environment than it is found by", { skip: process.platform !== "linux" }, async (context) => {
  const directory = await temporaryDirectory(context);
  const ffmpeg = join(directory, "ffmpeg");
  await writeFile(ffmpeg, `#!/bin/sh\nenv >> ${join(directory, "seen")}\nexec ${execFileSync("which", [FFMPEG]).toString().trim()} "$@"\n`);
  await chmod(ffmpeg, 0o755);
  const secrets = { GITHUB_TOKEN: "hush-1", DB_PASSWORD: "hush-2", KVS_FRAMES_FFMPEG: ffmpeg, AWS_SESSION_TOKEN: "hush-3", LC_ALL: "C.UTF-8" };
  const { code, stderr } = await kvsFrames(context, pull("--no-images"), secrets);
  assert.equal(code, 0, stderr);
  const seen = await readFile(join(directory, "seen"), "utf8");
  assert.match(seen, /^PATH=/m);
  assert.match(seen, /^LC_ALL=C\.UTF-8$/m);
  assert.doesNotMatch(seen, /hush|TOKEN|PASSWORD|AWS_/);
});

test("machines: a user that the system does not know, and who has no home, is served", { skip: process.getuid?.() !== 0 && "only root can become one" }, async (context) => {
  if (spawnSync("test", ["-r", BINARY], { uid: 54_321 }).status !== 0) return context.skip("only root may read this place");
  const env = { PATH: process.env.PATH, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: "us-east-1" };
  const { status, stderr } = spawnSync(process.execPath, [BINARY, "probe", "--endpoint-url", "http://127.0.0.1:9", "--stream-name", "front", "--timeout", "1s"], { uid: 54_321, env, cwd: "/" });
  assert.equal(status, 75, String(stderr));
});

describe("machines: the command line", () => {
  for (const [argv, message] of [
    [["pull", "--stream-name", "a", "--stream-name", "b"], '--stream-name takes one stream, got "a" and "b"; run the command once for each'],
    [["probe", "--stream-arn", "a", "--stream-arn", "b"], '--stream-arn takes one stream, got "a" and "b"; run the command once for each'],
  ] as const) {
    test(`${argv.join(" ")} is refused`, async (context) => {
      const { code, stderr } = await kvsFrames(context, argv);
      assert.deepEqual([code, stderr], [64, `kvs-frames: ${message}\n`]);
    });
  }

  test("jpg is jpeg, and -v is --version", async (context) => {
    const { code, stdout, stderr } = await kvsFrames(context, pull("--format", "jpg", "--target-fps", "1"));
    assert.equal(code, 0, stderr);
    assert.match(String(recordsOf(stdout).find(({ type }) => type === "frame")?.path), /\.jpg$/);
    assert.deepEqual((await kvsFrames(context, ["-v"])).stdout, (await kvsFrames(context, ["--version"])).stdout);
  });

  test("JSON logs name the camera", async (context) => {
    const { stderr } = await kvsFrames(context, ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--no-images", "--max-frames", "2", "--log-format", "json"]);
    for (const line of stderr.trimEnd().split("\n")) assert.equal((JSON.parse(line) as { camera: unknown }).camera, "front", line);
  });

  test("an access key of the emulator is no name that every object has", async (context) => {
    const emulator = await Command.start(context, ["emulate", "--port", "0", "--camera", "front=testsrc,size=64x36,loop=2", "--access-key", "key:secret"]);
    const [{ url } = {}] = await emulator.records("ready");
    for (const key of ["constructor", "__proto__", "toString"]) {
      const { code } = await kvsFrames(context, ["probe", "--endpoint-url", String(url), "--stream-name", "front"], { AWS_ACCESS_KEY_ID: key });
      assert.equal(code, 77);
    }
  });
});
