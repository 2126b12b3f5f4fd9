// Reads key frames of many live cameras with one decoder for some seconds, and says how many frames there were.
import { DecoderPool, KvsHlsFrameSource } from "kvs-frames";

const { streamNames, seconds, ...options } = JSON.parse(process.argv[2]);
const end = new AbortController();
setTimeout(() => end.abort(), seconds * 1000);
const decoders = new DecoderPool();

async function read(streamName) {
  let frames = 0;
  const source = new KvsHlsFrameSource({ ...options, streamName, targetFps: 0.5, sampling: "keyframe", pixelFormat: "yuv420p", decoders, signal: end.signal });
  try {
    for await (const frame of source) {
      frames++;
      source.release(frame);
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
  return frames;
}

const frames = await Promise.all(streamNames.map(read));
await decoders[Symbol.asyncDispose]();
console.log(JSON.stringify({ frames: frames.reduce((sum, count) => sum + count, 0), least: Math.min(...frames) }));
