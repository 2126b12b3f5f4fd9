import { KvsHlsFrameSource, type Frame, type KvsHlsFrameSourceOptions } from "../../src/index.js";
import { CREDENTIALS, FFMPEG } from "./emulated.js";

process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
process.env.AWS_REGION = "us-east-1";

/** Decoded by whatever the tests are to run with (DECODER=node-av), unless they say so themselves. */
export function openSource(endpointUrl: string, options: KvsHlsFrameSourceOptions): KvsHlsFrameSource {
  const isProgram = (options.decoder ?? process.env.DECODER ?? "ffmpeg") === "ffmpeg";
  return new KvsHlsFrameSource({ endpointUrl, ...(isProgram ? { ffmpegPath: FFMPEG } : { decoder: "node-av" }), ...options });
}

/** The first `count` frames. */
export async function readFrames(endpointUrl: string, options: KvsHlsFrameSourceOptions, count: number): Promise<Frame[]> {
  await using source = openSource(endpointUrl, options);
  const frames: Frame[] = [];
  for await (const frame of source) if (frames.push(frame) === count) break;
  return frames;
}
