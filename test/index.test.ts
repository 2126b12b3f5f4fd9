import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a script as a user's module would run that has this package installed. */
function runModule(script: string): unknown {
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root, encoding: "utf8" });
  return JSON.parse(text) as unknown;
}

test("the package exports the library, the image encoders and the emulator by name", () => {
  const names = (from: string) => runModule(`console.log(JSON.stringify(Object.keys(await import("${from}")).sort()))`);
  assert.deepEqual(names("kvs-frames"), ["CONNECTION_STATES", "DecoderError", "DecoderPool", "FrameSourceError", "HLSStreamError", "KVSConnectionError", "KvsHlsFrameSource", "OptionError", "OutputError", "judge", "listStreams", "probe", "takeSnapshot", "timeline", "verdictOf"]);
  assert.deepEqual(names("kvs-frames/jpeg"), ["encodeJpeg", "encodePng", "encodeWebp"]);
  assert.ok((names("kvs-frames/emulator") as string[]).includes("startEmulator"));
});

test("the library loads neither sharp nor a logger nor the AWS clients before they are needed", () => {
  const heavy = ["sharp", "pino", "prom-client", "commander", "@aws-sdk/client-kinesis-video", "@aws-sdk/client-kinesis-video-archived-media"];
  const loaded = runModule(`
    import { createRequire } from "node:module";
    await import("kvs-frames");
    const { cache } = createRequire(import.meta.url);
    console.log(JSON.stringify(Object.keys(cache)));
  `) as string[];
  assert.deepEqual(heavy.filter((name) => loaded.some((path) => path.includes(`/node_modules/${name}/`))), []);
});
