import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf, type CommandResult, type Environment } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { assertFailure } from "../helpers/failure.js";
import { descendants } from "../helpers/processes.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=320x180,loop=4")] });

const flags = (): string[] => ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--no-images", "--timeout", "1s"];
const pullWith = (context: TestContext, ffmpeg: string, env: Environment = {}): Promise<CommandResult> => kvsFrames(context, [...flags(), "--ffmpeg", ffmpeg], env);
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

function hasBundledFfmpeg(): boolean {
  try {
    return Boolean(createRequire(import.meta.url).resolve("ffmpeg-static"));
  } catch {
    return false;
  }
}

describe("what is no ffmpeg is 78", { concurrency: 4 }, () => {
  const cases = [
    { what: "no such file", ffmpeg: "/nowhere/ffmpeg", says: /cannot run "\/nowhere\/ffmpeg" \(from --ffmpeg\) as ffmpeg: no such file; give the path of an ffmpeg 5\.1 or newer/ },
    { what: "a directory", ffmpeg: "/usr", says: /cannot run "\/usr" \(from --ffmpeg\) as ffmpeg: it may not be executed; give the path/ },
    { what: "a program that says nothing", ffmpeg: "true", says: /cannot run "true" \(from --ffmpeg\) as ffmpeg: it answers -version with ""; give the path/ },
    { what: "a program that fails", ffmpeg: "false", says: /cannot run "false" \(from --ffmpeg\) as ffmpeg: -version ended with exit code 1; give the path/ },
    { what: "another program", ffmpeg: "echo", says: /cannot run "echo" \(from --ffmpeg\) as ffmpeg: it answers -version with "-version"; give the path/ },
  ];
  for (const { what, ffmpeg, says } of cases) {
    test(what, async (context) => assertFailure(await pullWith(context, ffmpeg), { code: 78, says }));
  }

  test("a file that may not be executed", async (context) => {
    const file = join(await temporaryDirectory(context), "ffmpeg");
    await writeFile(file, "#!/bin/sh\necho ffmpeg version 5.1\n", { mode: 0o644 });
    assertFailure(await pullWith(context, file), { code: 78, says: /cannot run ".*\/ffmpeg" \(from --ffmpeg\) as ffmpeg: it may not be executed; give the path/ });
    await chmod(file, 0o755);
    assertFailure(await kvsFrames(context, flags(), { KVS_FRAMES_FFMPEG: join(file, "absent") }), { code: 78, says: /\(from KVS_FRAMES_FFMPEG\) as ffmpeg: / });
  });

  test("none on PATH", { skip: hasBundledFfmpeg() && "the package ffmpeg-static would serve" }, async (context) => {
    const says = /cannot find ffmpeg, neither on PATH nor from the package ffmpeg-static; install ffmpeg 5\.1 or newer \(.*\) or name one with --ffmpeg/;
    assertFailure(await kvsFrames(context, flags(), { KVS_FRAMES_FFMPEG: undefined, PATH: "/nowhere" }), { code: 78, says });
  });
});

describe("an ffmpeg that does not work is tried three times and then 65", { concurrency: 4 }, () => {
  const cases = [
    { how: "crashes at the start", ffmpeg: "ffmpeg-crashing", says: /ffmpeg ended with exit code 127: error while loading shared libraries: libavcodec\.so\.59: cannot open shared object file/ },
    { how: "is killed", ffmpeg: "ffmpeg-killed", says: /ffmpeg ended with signal SIGKILL/ },
    { how: "hangs and ignores SIGTERM", ffmpeg: "ffmpeg-hanging", says: /ffmpeg made no progress for 1 s/ },
    { how: "gives pictures that nobody asked for", ffmpeg: "ffmpeg-babbling", says: /ffmpeg gave a picture that was not asked for \(number 999999\)/ },
    { how: "gives rubbish for numbers", ffmpeg: "ffmpeg-mumbling", says: /ffmpeg (made no progress for 1 s|gave a picture without its presentation number)/ },
  ];
  for (const { how, ffmpeg, says } of cases) {
    test(how, async (context) => {
      const command = await Command.start(context, [...flags(), "--ffmpeg", fixture(ffmpeg)]);
      const result = await command.ended;
      assertFailure(result, { code: 65, says });
      assert.equal(recordsOf(result.stdout).filter(({ type }) => type === "reconnect").length, 2);
      assert.deepEqual(await descendants(command), []);
    });
  }

  test("one that is killed in the middle is replaced, and no frame is lost or told twice", async (context) => {
    const command = await Command.start(context, [...flags(), "--duration", "6s"]);
    await command.records("frame", 40);
    const [ffmpeg] = await descendants(command);
    assert.match(ffmpeg?.command ?? "", /ffmpeg/);
    process.kill(ffmpeg?.pid ?? 0, "SIGKILL");
    const { code, stdout, stderr } = await command.ended;
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/ WARN: ffmpeg ended with signal SIGKILL; decoding what it held anew/g)?.length, 1, stderr);
    const records = recordsOf(stdout);
    assert.equal(records.filter(({ type }) => type === "reconnect").length, 0);
    const times = records.filter(({ type }) => type === "frame").map(({ capturedAtMs }) => Number(capturedAtMs));
    const steps = new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)));
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    assert.equal(records.filter(({ type }) => type === "gap").length, 0);
    assert.ok(Math.max(...steps) <= Math.ceil((last - first) / (times.length - 1)) + 1, `steps of ${[...steps].join(", ")} ms`);
    assert.ok(Math.min(...steps) > 0);
  });
});
