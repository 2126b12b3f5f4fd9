#!/usr/bin/env node
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

// ffmpeg and sharp do the work. Compiling what little of ours is left, and a nursery that grows with each burst, costs memory that
// rises for hours and saves no time that could be measured, at the start neither.
for (const flag of ["--no-opt", "--no-sparkplug", "--semi-space-growth-factor=1"]) setFlagsFromString(flag);

// From Node 22.1 on. Not in the temporary directory, its default: what is compiled is run with the caller's credentials.
module.enableCompileCache?.(join(homedir(), ".cache", "kvs-frames"));

const { main } = await import("../dist/bundle/cli.js");
await main();
