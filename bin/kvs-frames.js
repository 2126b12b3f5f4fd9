#!/usr/bin/env node
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// ffmpeg and sharp do the work. Compiling what little of ours is left, and a nursery that grows with each burst, costs memory that
// rises for hours and saves no time that could be measured, at the start neither.
for (const flag of ["--no-opt", "--no-sparkplug", "--semi-space-growth-factor=1"]) setFlagsFromString(flag);

const script = fileURLToPath(new URL("../dist/bundle/cli.cjs", import.meta.url));
// Not in the temporary directory: what is compiled is run with the caller's credentials.
const directory = join(homedir(), ".cache", "kvs-frames");
const [, , given] = process.argv;
const command = ["pull", "snapshot", "probe", "timeline"].find((name) => name === given) ?? "other";

let loaded;
if (module.enableCompileCache) {
  module.enableCompileCache(directory);
  loaded = module.createRequire(import.meta.url)(script);
} else {
  const { requireCached } = await import("./code-cache.js");
  loaded = requireCached(script, directory, command);
}
await loaded.main();
