#!/usr/bin/env node
import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// ffmpeg and sharp do the work. Compiling what little of ours is left, and a nursery that grows with each burst, costs memory that
// rises for hours and saves no time that could be measured, at the start neither.
for (const flag of ["--no-opt", "--no-sparkplug", "--semi-space-growth-factor=1"]) setFlagsFromString(flag);

const script = fileURLToPath(new URL("../dist/bundle/cli.cjs", import.meta.url));
const { main } = await load(cacheDirectory());
await main();

async function load(directory) {
  if (directory !== undefined && module.enableCompileCache === undefined) {
    const { requireCached } = await import("./code-cache.js");
    const [, , given] = process.argv;
    return requireCached(script, directory, ["pull", "snapshot", "probe", "timeline"].find((name) => name === given) ?? "other");
  }
  if (directory !== undefined) module.enableCompileCache(directory);
  return module.createRequire(import.meta.url)(script);
}

/** Not in the temporary directory: what is compiled is run with the caller's credentials. A user without a home has none. */
function cacheDirectory() {
  try {
    const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    return isAbsolute(base) ? join(base, "kvs-frames") : undefined;
  } catch {
    return undefined;
  }
}
