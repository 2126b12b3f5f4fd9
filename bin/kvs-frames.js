#!/usr/bin/env node
import { existsSync, mkdirSync, statSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// Without a listener SIGHUP and SIGUSR2 would end the process, and SIGUSR1 would open Node's debugger.
// The command line adds what SIGHUP means to it.
const HARMLESS = process.platform === "win32" ? ["SIGHUP"] : ["SIGHUP", "SIGUSR1", "SIGUSR2"];
for (const signal of HARMLESS) process.on(signal, () => undefined);

// ffmpeg and sharp do the work. Optimizing the little JavaScript that is left, and a nursery that
// grows with each burst, cost memory that rises for hours, and save no time that could be measured.
// Short commands do without: changed flags make newer versions of Node.js compile their own code anew.
if (process.argv[2] === "pull") {
  for (const flag of ["--no-opt", "--no-sparkplug", "--semi-space-growth-factor=1"]) setFlagsFromString(flag);
}

const script = fileURLToPath(new URL("../dist/bundle/cli.cjs", import.meta.url));
if (existsSync(script)) {
  const { main } = await load(cacheDirectory());
  await main();
} else {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const advice = `run "npm install" and "npm run build" in ${root}`;
  process.stderr.write(`kvs-frames: the command is not built yet; ${advice}\n`);
  process.exitCode = 78;
}

async function load(directory) {
  if (directory !== undefined && module.enableCompileCache === undefined) {
    const { requireCached } = await import("./code-cache.js");
    const [, , given] = process.argv;
    const purpose = ["pull", "snapshot", "probe", "timeline"].find((name) => name === given) ?? "other";
    return requireCached(script, directory, purpose);
  }
  if (directory !== undefined) module.enableCompileCache(directory);
  return module.createRequire(import.meta.url)(script);
}

/**
 * Returns a directory that nobody else can write to, since compiled code runs with the caller's
 * credentials; undefined for a user without a home. It is made level by level: Node.js's recursive
 * mode never returns where a file system takes no new names (/proc).
 */
function cacheDirectory() {
  try {
    const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    if (!isAbsolute(base)) return undefined;
    const directory = join(base, "kvs-frames");
    for (const level of [base, directory]) makeDirectory(level);
    const { uid, mode } = statSync(directory);
    const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return isOurs ? directory : undefined;
  } catch {
    return undefined;
  }
}

function makeDirectory(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}
