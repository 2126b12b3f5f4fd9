import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { emulateCommand, type EmulateContext } from "../../src/cli/emulate.js";
import { kvsFrames } from "../helpers/command.js";
import { FFMPEG } from "../helpers/emulated.js";
import { assertFailure } from "../helpers/failure.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

function commandContext(): { context: EmulateContext; stdout: PassThrough; stderr: PassThrough; controller: AbortController } {
  const [stdout, stderr, controller] = [new PassThrough(), new PassThrough(), new AbortController()];
  const context = { env: {}, stdout, stderr, signal: controller.signal, locateFfmpeg: (path: string | undefined) => path ?? FFMPEG };
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
  [["--camera", "front door"], /camera must be NAME=testsrc, NAME=FILE or NAME=DIR/],
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

test("emulate lets go wrong what a file says, and writes down every request and fault", async (t) => {
  const directory = await temporaryDirectory(t);
  const [faults, journal] = [join(directory, "faults.json"), join(directory, "journal.ndjson")];
  await writeFile(faults, JSON.stringify({ faults: [{ kind: "status", status: 503, operation: "ListStreams", for: "1h", times: 1 }] }));
  const { context, stdout, controller } = commandContext();
  const running = emulateCommand(context).parseAsync(["--port", "0", "--camera", `door=${SMALL}`, "--faults", faults, "--journal", journal], { from: "user" });
  const { url } = JSON.parse((await stdout.iterator({ destroyOnReturn: false }).next()).value.toString()) as { url: string };
  const statuses = [];
  for (const path of ["/listStreams", "/listStreams", "/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=CiBsecretsecret~"]) {
    statuses.push((await fetch(`${url}${path}`, { method: path.startsWith("/hls") ? "GET" : "POST" })).status);
  }
  controller.abort();
  await running;
  assert.deepEqual(statuses, [503, 403, 403]);
  const lines = await readFile(journal, "utf8");
  assert.doesNotMatch(lines, /secret/);
  const [fault, ...requests] = lines.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([fault!.type, fault!.kind, Date.parse(String(fault!.until)) - Date.parse(String(fault!.at)), fault!.for], ["fault", "status", 3_600_000, undefined]);
  assert.deepEqual(requests.map(({ type, operation, status, fault: kind, isWhole }) => [type, operation, status, kind, isWhole]), [
    ["request", "ListStreams", 503, "status", false],
    ["request", "ListStreams", 403, undefined, false],
    ["request", "GetHLSMasterPlaylist", 403, undefined, false],
  ]);
});

const badFiles: readonly (readonly [string, RegExp])[] = [
  ["faults:", /--faults file ".*" is not JSON: Unexpected token/],
  ["[]", /--faults file ".*" must hold a JSON object with a list of "faults"/],
  ['{"fault": []}', /--faults file ".*" has an unknown key "fault"; its only key is "faults"/],
  ["{}", /--faults file ".*" cannot work: faults must be a list of faults, got nothing/],
  ['{"faults": [7]}', /faults\[0\]: a fault must be an object with a "kind", got 7/],
  ['{"faults": [{"kind": "reset"}, {"kind": "explode"}]}', /faults\[1\]: "kind" must be one of status, reset, .*, init, got "explode"/],
  ['{"faults": [{"at": "5s"}]}', /faults\[0\]: "kind" must be one of .*, got nothing/],
  ['{"faults": [{"kind": "reset", "at": "soon"}]}', /faults\[0\]: "at" must be a time such as 500ms, 10s, 5m or 2h, got "soon"/],
  ['{"faults": [{"kind": "reset", "for": 0}]}', /faults\[0\]: "for" must be a time such as .*, and more than none, got 0/],
  ['{"faults": [{"kind": "reset", "times": 1.5}]}', /faults\[0\]: "times" must be a whole number from 1, got 1\.5/],
  ['{"faults": [{"kind": "reset", "operation": "GetFrames"}]}', /faults\[0\]: "operation" must be one of .*GetMP4MediaFragment.*, got "GetFrames"/],
  ['{"faults": [{"kind": "reset", "stream": "yard"}]}', /faults\[0\]: "stream" must be one of "door", got "yard"/],
  ['{"faults": [{"kind": "status", "status": 42}]}', /faults\[0\]: "status" must be a whole number from 200 to 599, got 42/],
  ['{"faults": [{"kind": "clock-step"}]}', /faults\[0\]: "byMs" is missing, which clock-step needs/],
  ['{"faults": [{"kind": "clock-step", "byMs": "5s"}]}', /faults\[0\]: "byMs" must be a whole number, got "5s"/],
  ['{"faults": [{"kind": "expire", "afterBytes": 5}]}', /faults\[0\]: "afterBytes" is no field of expire, which has "kind", "at", "stream"/],
];

for (const [content, says] of badFiles) {
  test(`emulate refuses a file of faults that holds ${content}`, async (t) => {
    const file = join(await temporaryDirectory(t), "faults.json");
    await writeFile(file, content);
    assertFailure(await kvsFrames(t, ["emulate", "--camera", `door=${SMALL}`, "--faults", file]), { code: 64, says, isEarly: true });
  });
}

test("emulate refuses a file of faults that is not there, and a journal that cannot be written", async (t) => {
  assertFailure(await kvsFrames(t, ["emulate", "--faults", "absent.json"]), { code: 64, says: /--faults file "absent\.json" cannot be read: .*no such file/, isEarly: true });
  assertFailure(await kvsFrames(t, ["emulate", "--journal", "absent/journal"]), { code: 73, says: /cannot write absent\/journal: the directory does not exist/, isEarly: true });
});
