#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// ffmpeg and sharp do the work. Compiling what little of ours is left, and a nursery that grows with each burst, costs memory that
// rises for hours and saves no time that could be measured.
for (const flag of ["--no-opt", "--no-sparkplug", "--semi-space-growth-factor=1"]) setFlagsFromString(flag);

const { main } = await import("../dist/bundle/cli.js");
await main();
