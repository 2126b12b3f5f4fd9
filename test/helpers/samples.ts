import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./tool.js";

export interface ProbedSample {
  /** Seconds times a million, exact in ffprobe's own arithmetic. */
  readonly pts: number;
  readonly dts: number;
  readonly keyframe: boolean;
}

export interface Probed {
  readonly timescale: number;
  /** In order of decoding. */
  readonly samples: readonly ProbedSample[];
}

/** What ffprobe reads of an init segment with a fragment behind it. */
export async function probeSamples(init: Buffer, fragment: Buffer): Promise<Probed> {
  const folder = await mkdtemp(join(tmpdir(), "fragment-"));
  try {
    const path = join(folder, "fragment.mp4");
    await writeFile(path, Buffer.concat([init, fragment]));
    const args = ["-v", "error", "-of", "json", "-show_entries", "packet=pts,dts,flags:stream=time_base", path];
    const { packets, streams } = JSON.parse((await runTool("ffprobe", args)).toString()) as {
      packets: { pts: number; dts: number; flags: string }[];
      streams: { time_base: string }[];
    };
    return {
      timescale: Number(streams[0]!.time_base.split("/")[1]),
      samples: packets.map(({ pts, dts, flags }) => ({ pts, dts, keyframe: flags.includes("K") })),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
