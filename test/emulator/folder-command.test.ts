import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { emulateCommand } from "../../src/cli/emulate.js";
import { OptionError } from "../../src/core/errors.js";
import { encodeMedia, parseCamera } from "../../src/emulator/index.js";
import { called, initOf, oneSample, writeFolder } from "../helpers/folder-camera.js";

const init = initOf(1000);

describe("refused:", () => {
  const emulate = async (camera: string) => {
    const locateFfmpeg = () => {
      throw new Error("no ffmpeg");
    };
    const command = emulateCommand({
      env: {},
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      signal: AbortSignal.abort(),
      locateFfmpeg,
    });
    await command.parseAsync(["--port", "0", "--camera", camera], { from: "user" });
  };
  for (const [what, files, message] of [
    [
      "an empty folder",
      [],
      /must hold an init segment \(a file with a moov box\) and fragments, got ".*" with no files$/,
    ],
    ["no init segment", [called("1"), called("2")], /got ".*" with 2 files and no moov$/],
    ["no fragment", [{ name: "1", bytes: init }], /got ".*" with 1 init segment and no fragment$/],
  ] as const) {
    test(what, async () => {
      const folder = await writeFolder(files);
      await assert.rejects(
        emulate(`a=${folder}`),
        (error: Error) => error instanceof OptionError && message.test(error.message),
      );
    });
  }

  test("a folder that is not there", async () => {
    await assert.rejects(
      emulate("a=/nowhere"),
      /camera a must be testsrc, or a file or folder that can be read, got "\/nowhere" \(ENOENT\)/,
    );
    await assert.rejects(
      encodeMedia({ path: "/never/run" }, { kind: "folder", path: "/nowhere" }),
      /must be a folder that can be read, got "\/nowhere" \(ENOENT\)/,
    );
  });

  test("nothing, without an ffmpeg, where all cameras are folders", async () => {
    await emulate(
      `a=${await writeFolder([{ name: "1", bytes: Buffer.concat([init, oneSample(1)]) }])}`,
    );
    await assert.rejects(emulate("a=testsrc"), /no ffmpeg/);
  });
});

test("options stand behind the path, unless the file system has it with them", async () => {
  const folder = await writeFolder([called("a.mp4"), called("b.mp4,history=5")]);
  const file = (path: string) => ({ name: "a", source: { kind: "file", path } });
  const settings = { historySeconds: 60, latencyMs: 0, producerSkewMs: -5, retentionHours: 2 };
  assert.deepEqual(parseCamera(`a=${folder},history=60,latency=0,skew=-5,retention=2`), {
    name: "a",
    source: { kind: "folder", path: folder },
    ...settings,
  });
  assert.deepEqual(parseCamera(`a=${folder}/a.mp4,history=5,history=60`), {
    ...file(`${folder}/a.mp4`),
    historySeconds: 60,
  });
  assert.deepEqual(parseCamera(`a=${folder}/b.mp4,history=5`), file(`${folder}/b.mp4,history=5`));
  assert.deepEqual(parseCamera(`a=${folder}/none,fps=5`), file(`${folder}/none,fps=5`));
  assert.throws(
    () => parseCamera(`a=${folder},history=long`),
    /^RangeError: history must be a number from 0, got "long"$/,
  );
  const odd = join(folder, "x,skew=1");
  await mkdir(odd);
  await writeFile(join(odd, "1"), init);
  assert.deepEqual(parseCamera(`a=${odd},skew=2`), {
    name: "a",
    source: { kind: "folder", path: odd },
    producerSkewMs: 2,
  });
});
