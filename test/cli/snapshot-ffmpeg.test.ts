import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf, type CommandResult } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { descendants } from "../helpers/processes.js";

const emulated = new Emulated({ limits: false, cameras: ["front=testsrc,size=320x180,loop=4", "reordered=testsrc,size=320x180,loop=4,bframes=2"].map(parseCamera) });

const flags = (stream: string, more: string[]): string[] => ["snapshot", "--endpoint-url", emulated.emulator.url, "--stream-name", stream, "--out", "shot.png", ...more];
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

describe("a snapshot, whose ffmpeg is started unseen", { concurrency: 3 }, () => {
  const none = [
    { what: "no such file", ffmpeg: "/nowhere/ffmpeg", says: /cannot run "\/nowhere\/ffmpeg" \(from --ffmpeg\) as ffmpeg: no such file; give the path of an ffmpeg 5\.1 or newer/ },
    { what: "a program that says nothing", ffmpeg: "true", says: /cannot run "true" \(from --ffmpeg\) as ffmpeg: it answers -version with ""; give the path/ },
    { what: "a program that fails", ffmpeg: "false", says: /cannot run "false" \(from --ffmpeg\) as ffmpeg: -version ended with exit code 1; give the path/ },
    { what: "another program", ffmpeg: "echo", says: /cannot run "echo" \(from --ffmpeg\) as ffmpeg: it answers -version with "-version"; give the path/ },
  ];
  for (const { what, ffmpeg, says } of none) {
    // Also where there is no such stream: an ffmpeg is needed for any.
    for (const stream of ["front", "absent"]) {
      test(`ends with 78 for ${what}, of a stream that is ${stream}`, async (context) => assertSays(context, stream, ffmpeg, { code: 78, says }));
    }
  }

  test("ends with 65 for one that crashes", (context) => assertSays(context, "front", fixture("ffmpeg-crashing"), { code: 65, says: /ffmpeg ended with exit code 127: error while loading shared libraries/ }));

  test("ends in time for one that hangs, and leaves nothing running", async (context) => {
    const command = await Command.start(context, flags("front", ["--ffmpeg", fixture("ffmpeg-hanging"), "--timeout", "3s"]));
    assertFailed(await command.ended, { code: 75, says: /no picture within 3 s/ });
    assert.deepEqual(await descendants(command), []);
  });

  for (const stream of ["front", "reordered"]) {
    for (const [resize, width, height] of [["", 320, 180], ["160x", 160, 90], ["100x100", 100, 100]] as const) {
      test(`gives a picture of ${stream} in ${resize || "its own size"}`, async (context) => {
        const { code, stdout, stderr } = await kvsFrames(context, flags(stream, resize === "" ? [] : ["--resize", resize]));
        assert.deepEqual([code, stderr], [0, ""]);
        const [record] = recordsOf(stdout);
        assert.deepEqual([record?.["width"], record?.["height"]], [width, height]);
      });
    }
  }

  async function assertSays(context: TestContext, stream: string, ffmpeg: string, expected: { code: number; says: RegExp }): Promise<void> {
    assertFailed(await kvsFrames(context, flags(stream, ["--ffmpeg", ffmpeg])), expected);
  }
});

function assertFailed({ code, stdout, stderr }: CommandResult, expected: { code: number; says: RegExp }): void {
  assert.equal(code, expected.code, stderr);
  assert.match(stderr, expected.says);
  assert.equal(recordsOf(stdout)[0]?.["exitCode"], expected.code);
}
