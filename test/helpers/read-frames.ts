import { KvsHlsFrameSource, type Frame, type KvsHlsFrameSourceOptions } from "../../src/index.js";
import { CREDENTIALS, FFMPEG } from "./emulated.js";

process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
process.env.AWS_REGION = "us-east-1";

export function openSource(endpointUrl: string, options: KvsHlsFrameSourceOptions): KvsHlsFrameSource {
  return new KvsHlsFrameSource({ endpointUrl, ffmpegPath: FFMPEG, ...options });
}

/** The first `count` frames. */
export async function readFrames(endpointUrl: string, options: KvsHlsFrameSourceOptions, count: number): Promise<Frame[]> {
  await using source = openSource(endpointUrl, options);
  const frames: Frame[] = [];
  for await (const frame of source) if (frames.push(frame) === count) break;
  return frames;
}
