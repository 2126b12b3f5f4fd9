import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { emulateCommand, type EmulateContext } from "../../src/cli/emulate.js";
import { FFMPEG } from "../helpers/emulated.js";

function commandContext(): { context: EmulateContext; stdout: PassThrough; stderr: PassThrough; controller: AbortController } {
  const [stdout, stderr, controller] = [new PassThrough(), new PassThrough(), new AbortController()];
  const context = { stdout, stderr, signal: controller.signal, locateFfmpeg: (path: string | undefined) => path ?? FFMPEG };
  return { context, stdout, stderr, controller };
}

const SMALL = "testsrc,size=64x36,loop=2";

test("emulate says on stdout that it is ready, on stderr how to use it, and runs until told to stop", async () => {
  const { context, stdout, stderr, controller } = commandContext();
  const args = ["--port", "0", "--camera", `door=${SMALL}`, "--camera", `yard=${SMALL},history=1`, "--history", "5m", "--access-key", "AKID:s3cret"];
  const running = emulateCommand(context).parseAsync(args, { from: "user" });
  const [line] = (await stdout.iterator({ destroyOnReturn: false }).next()).value.toString().split("\n") as string[];
  const ready = JSON.parse(line!) as { type: string; url: string; streams: string[] };
  assert.equal(ready.type, "ready");
  assert.deepEqual(ready.streams, ["door", "yard"]);
  assert.equal((await fetch(`${ready.url}/listStreams`, { method: "POST" })).status, 403);
  controller.abort();
  await running;
  await assert.rejects(fetch(ready.url), /fetch failed/);
  stderr.end();
  const usage = await text(stderr);
  assert.match(usage, new RegExp(`export AWS_ACCESS_KEY_ID=AKID .*\\n.*kvs-frames pull --endpoint-url ${ready.url} --stream-name door\\n`));
  assert.doesNotMatch(usage, /s3cret/);
});

for (const [args, message] of [
  [["--camera", "front door"], /camera must be NAME=testsrc or NAME=FILE/],
  [["--port", "70000"], /must be a whole number from 0 to 65535, got "70000"/],
  [["--history", "long"], /history must be a time such as 500ms, 10s, 5m or 2h, got "long"/],
  [["--session-seconds", "0"], /must be a whole number from 1/],
  [["--camera", "a=testsrc,fps=fast"], /camera "a=testsrc,fps=fast": fps must look like 30, 29\.97 or 30000\/1001, got "fast"/],
  [["--access-key", "AKID"], /must be ID:SECRET/],
] as const) {
  test(`emulate refuses ${args.join(" ")}`, async () => {
    const command = emulateCommand(commandContext().context).exitOverride().configureOutput({ writeErr: () => undefined });
    await assert.rejects(command.parseAsync([...args], { from: "user" }), message);
  });
}
