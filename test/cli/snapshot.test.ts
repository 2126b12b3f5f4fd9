import assert from "node:assert/strict";
import { lstat, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import sharp from "sharp";
import { parseCamera, type RequestHook } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf, type CommandResult, type Json } from "../helpers/command.js";
import { readCounter } from "../helpers/counter.js";
import { Emulated } from "../helpers/emulated.js";
import { readCaptureTime } from "../helpers/exif.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const SECOND_MS = 1000;
const onRequest: RequestHook = ({ operation, streamName }) => (streamName === "slow" && operation === "GetMP4MediaFragment" ? { delayMs: 60_000 } : undefined);
const emulated = new Emulated({
  onRequest,
  limits: false,
  cameras: ["front", "yard", "off", "stale", "slow", "gappy"].map((name) => parseCamera(`${name}=testsrc,size=192x108,fps=10,fragment=2,loop=4,history=1800,bframes=2`)),
});

const flagsOf = (streams: readonly string[]): string[] => streams.flatMap((name) => ["--stream-name", name]);
const argvOf = (streams: string, flags: readonly string[]): string[] => ["snapshot", "--endpoint-url", emulated.emulator.url, ...flagsOf(streams.split(" ")), ...flags];
const snapshot = (context: TestContext, streams: string, ...flags: string[]): Promise<CommandResult> => kvsFrames(context, argvOf(streams, flags));
const ago = (seconds: number): number => Date.now() - seconds * SECOND_MS;

/** What the record says is in the file, and is the camera's. */
async function assertTrue(record: Json | undefined, path: string): Promise<void> {
  const { camera, fragment, index, capturedAt, capturedAtMs, width, height, bytes, keyframe } = record ?? {};
  const file = await readFile(path);
  assert.equal(file.length, bytes);
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [width, height]);
  const truth = emulated.camera(String(camera)).truth(String(fragment))!.frames[Number(index)]!;
  assert.equal(readCounter(data, info.width, info.height, info.channels), truth.counter);
  assert.ok(Math.abs(Number(capturedAtMs) - truth.producerMs) <= 1);
  assert.deepEqual([capturedAt, keyframe], [new Date(Number(capturedAtMs)).toISOString(), truth.keyframe]);
  const [date, time] = [String(capturedAt).slice(0, 10).replaceAll("-", ":"), String(capturedAt).slice(11, 19)];
  assert.deepEqual(await readCaptureTime(file), { DateTimeOriginal: `${date} ${time}`, SubSecTimeOriginal: String(capturedAt).slice(20, 23), OffsetTimeOriginal: "+00:00" });
}

describe("snapshot", { concurrency: 3 }, () => {
  test("writes the newest picture, a record of it with its age, and nothing else", async (context) => {
    const command = await Command.start(context, argvOf("front", []));
    const { code, stdout, stderr } = await command.ended;
    const endedAt = Date.now();
    assert.deepEqual([code, stderr], [0, ""]);
    const [record, ...others] = recordsOf(stdout);
    assert.deepEqual(others, []);
    assert.deepEqual(Object.keys(record!), ["type", "camera", "path", "capturedAt", "capturedAtMs", "ageMs", "clock", "source", "fragment", "index", "keyframe", "width", "height", "bytes", "schema"]);
    assert.deepEqual([record!.path, record!.clock, record!.source, record!.schema], ["front.jpg", "producer", "live", 1]);
    const age = Number(record!.ageMs);
    assert.ok(age > 300 && age <= endedAt - Number(record!.capturedAtMs), `${age} ms`);
    await assertTrue(record, join(command.directory, "front.jpg"));
    assert.deepEqual(await readdir(command.directory), ["front.jpg"]);
  });

  for (const [extension, format] of [["png", "png"], ["webp", "webp"], ["jpeg", "jpeg"], ["raw", undefined]] as const) {
    test(`writes what the name ends in: .${extension}`, async (context) => {
      const path = join(await temporaryDirectory(context), `made/here/front.${extension}`);
      const { code, stdout } = await snapshot(context, "front", "--out", path, "--resize", "96x");
      assert.equal(code, 0);
      const [record] = recordsOf(stdout);
      assert.deepEqual([record!.path, record!.width, record!.height], [path, 96, 54]);
      const file = await readFile(path);
      if (format === undefined) assert.equal(file.length, 96 * 54 * 3);
      else {
        assert.equal((await sharp(file).metadata()).format, format);
        await assertTrue(record, path);
      }
    });
  }

  test("of several streams gives each its own result, and the worst exit code", async (context) => {
    emulated.camera("off").goOffline(ago(900), Infinity);
    const out = await temporaryDirectory(context);
    const { code, stdout, stderr } = await snapshot(context, "front off yard none", "--out", join(out, "{camera}_%Y%m%dT%H%M%S.%LZ_{fragment}.jpg"), "--latest-link", join(out, "{camera}.jpg"));
    assert.equal(code, 69, stderr);
    const records = new Map(recordsOf(stdout).map((record) => [record.camera, record]));
    assert.deepEqual([...records.keys()].sort(), ["front", "none", "off", "yard"]);
    for (const camera of ["front", "yard"]) {
      const record = records.get(camera)!;
      await assertTrue(record, String(record.path));
      assert.equal(join(out, await readlink(join(out, `${camera}.jpg`))), record.path);
    }
    assert.deepEqual([records.get("none"), records.get("off")].map((record) => [record!.exitCode, (record!.error as Json).code]), [[66, "STREAM_NOT_FOUND"], [69, "NO_MEDIA"]]);
    assert.equal((await readdir(out)).length, 4);
    assert.equal(stderr.match(/ERROR: /g)?.length, 2);
  });

  test("from the archive takes the picture of that time, or says what is near", async (context) => {
    const path = join(await temporaryDirectory(context), "then.jpg");
    const at = Math.round(ago(600));
    const taken = await snapshot(context, "front", "--at", String(at), "--out", path);
    assert.equal(taken.code, 0, taken.stderr);
    const [record] = recordsOf(taken.stdout);
    await assertTrue(record, path);
    assert.ok(at - Number(record!.capturedAtMs) >= 0 && at - Number(record!.capturedAtMs) <= 101);
    assert.equal(record!.source, "archive");
    emulated.camera("gappy").goOffline(ago(610), ago(590));
    const missed = await snapshot(context, "gappy", "--at", "-600s", "--out", path);
    assert.equal(missed.code, 69);
    assert.match(missed.stderr, /ERROR: nothing is stored of 20.*Z \(producer clock\); the nearest stored pictures are of 20.*Z and 20.*Z/);
    await assertTrue(record, path);
  });

  test("refuses what is older than --max-age, writes nothing, and takes it with --fallback archive", async (context) => {
    emulated.camera("stale").goOffline(ago(8), Infinity);
    const path = join(await temporaryDirectory(context), "old.jpg");
    await writeFile(path, "as it was");
    const refused = await snapshot(context, "stale", "--out", path, "--max-age", "2s");
    assert.equal(refused.code, 69);
    assert.match(refused.stderr, /ERROR: the newest picture is \d+\.\d s old, of 20.*Z, wanted 2 s at most; check/);
    assert.equal(await readFile(path, "utf8"), "as it was");
    const { code, stdout } = await snapshot(context, "stale", "--out", path, "--max-age", "2s", "--fallback", "archive");
    const [record] = recordsOf(stdout);
    assert.deepEqual([code, record!.source], [0, "archive"]);
    assert.ok(Number(record!.ageMs) > 8000);
    await assertTrue(record, path);
  });

  test("with --out - writes the picture to stdout, and nothing else", async (context) => {
    const { code, stdout } = await snapshot(context, "front", "--out", "-", "--format", "png");
    assert.equal(code, 0);
    assert.equal((await sharp(stdout).metadata()).format, "png");
    const cut = await Command.shell(context, `kvs-frames ${argvOf("front", ["--out", "-"]).join(" ")} | head -c 100`);
    const { code: piped, stderr } = await cut.ended;
    assert.deepEqual([piped, stderr], [0, ""]);
  });

  test("ends in time, with 75, and tells which limit it was", async (context) => {
    const startedAt = performance.now();
    const { code, stdout, stderr } = await snapshot(context, "slow", "--timeout", "2s");
    assert.equal(code, 75);
    assert.match(stderr, /ERROR: no picture within 2 s; check the network and the region, or allow longer with --timeout/);
    assert.equal((recordsOf(stdout)[0]!.error as Json).code, "TIMEOUT");
    assert.ok(performance.now() - startedAt < 6000);
  });

  test("stopped by SIGTERM ends with 143 and leaves nothing", async (context) => {
    const command = await Command.start(context, argvOf("slow", ["--log-level", "info"]));
    while (!command.stderr.includes("session at")) await new Promise((resolve) => setTimeout(resolve, 20));
    command.child.kill("SIGTERM");
    assert.equal((await command.ended).code, 143);
    assert.deepEqual(await readdir(command.directory), []);
  });

  test("replaces its link, and nothing that is no link", async (context) => {
    const out = await temporaryDirectory(context);
    const flags = ["--out", join(out, "shots/%s-{index}.jpg"), "--latest-link", join(out, "latest.jpg")];
    for (const at of ["-100s", "-50s"]) {
      const { stdout } = await snapshot(context, "front", "--at", at, ...flags);
      const [record] = recordsOf(stdout);
      assert.equal(join(out, await readlink(join(out, "latest.jpg"))), record!.path);
      await assertTrue(record, join(out, "latest.jpg"));
    }
    await writeFile(join(out, "precious.jpg"), "precious");
    const { code, stderr } = await snapshot(context, "front", "--out", join(out, "a.jpg"), "--latest-link", join(out, "precious.jpg"));
    assert.equal(code, 73);
    assert.match(stderr, /cannot put a link at .*precious\.jpg: a file that is no link is there; remove it or choose another --latest-link/);
    assert.ok((await lstat(join(out, "precious.jpg"))).isFile());
  });

  test("takes a stream by its ARN, and calls it as it is told", async (context) => {
    const { code, stdout } = await kvsFrames(context, ["snapshot", "--endpoint-url", emulated.emulator.url, "--stream-arn", emulated.camera("yard").arn, "--camera-id", "back yard", "--clock", "server", "--format", "webp"]);
    const [record] = recordsOf(stdout);
    assert.deepEqual([code, record!.camera, record!.path, record!.clock], [0, "back yard", "back yard.webp", "server"]);
  });

  test("takes its flags from a config file too", async (context) => {
    const out = await temporaryDirectory(context);
    await writeFile(join(out, "config.json"), JSON.stringify({ "stream-name": "front", "endpoint-url": emulated.emulator.url, out: join(out, "{camera}.webp"), quality: 50 }));
    const { code, stdout } = await kvsFrames(context, ["snapshot", "--config", join(out, "config.json")]);
    assert.equal(code, 0);
    assert.equal(recordsOf(stdout)[0]!.path, join(out, "front.webp"));
  });

  const BAD: readonly (readonly [string, string])[] = [
    ["", "--stream-name or --stream-arn is missing: which stream?"],
    ["--stream-name a --stream-name a", '--stream-name names "a" twice: each stream once, and in runs of their own where two have one name'],
    ["--stream-name a --at tomorrow", '--at must be a time such as 2026-11-22T10:15:00Z, 1795342500, now or -2h, got "tomorrow"'],
    ["--stream-name a --at -1h --max-age 5s", "--max-age is for the newest picture: one of a given time is as old as it is"],
    ["--stream-name a --at -1h --fallback archive", "--fallback is for the newest picture: one of a given time comes from the archive anyway"],
    ["--stream-name a --fallback past", '--fallback must be one of archive, got "past"'],
    ["--stream-name a --out a.png --format jpeg", '--out must end in .jpg with --format jpeg, got "a.png"'],
    ["--stream-name a --out a.png --quality 5", "--quality is for --format jpeg and webp only, got 5 with --format png"],
    ["--stream-name a --out {name}.jpg", "--out has an unknown placeholder {name}; known are {camera} {seq} {fragment} {index} {ext}"],
    ["--stream-name a --out x/%Y/../../y.jpg", '--out must stay inside the output directory, and "%Y/../../y.jpg" has a ".." or "." segment'],
    ["--stream-name a --stream-name b --out -", "--out - takes one picture, got 2 streams; give a file with {camera} in its name"],
    ["--stream-name a --stream-name b --out x.jpg", '--out needs {camera} in its name for 2 streams, got "x.jpg"'],
    ["--stream-name a --stream-name b --latest-link x.jpg", '--latest-link needs {camera} in its name for 2 streams, got "x.jpg"'],
    ["--stream-name a --stream-name b --camera-id c", "--camera-id is the name of one camera, got 2 streams"],
    ["--stream-name a --out - --latest-link x", '--latest-link leads to a file, and out "-" writes none; drop one of them'],
    ["--stream-name a --out x --latest-link x", '--latest-link must have a name of its own, got that of the picture, "x"'],
    ["--stream-name a --timeout 0", "--timeout must be more than no time, got \"0\""],
  ];
  for (const [flags, message] of BAD) {
    test(`${flags || "no stream"} is refused`, async (context) => {
      const { code, stdout, stderr } = await kvsFrames(context, ["snapshot", ...flags.split(" ").filter(Boolean)]);
      assert.deepEqual([code, stdout.toString(), stderr], [64, "", `kvs-frames: ${message}\n`]);
    });
  }
});
