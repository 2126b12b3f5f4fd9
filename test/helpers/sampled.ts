import { encodeMedia, type Camera, type FragmentTruth, type FrameTruth, type Media, type TestSource } from "../../src/emulator/index.js";
import { makeClip } from "../../src/emulator/media/clip.js";
import { encodeTestSource } from "../../src/emulator/media/testsrc.js";
import { FFMPEG } from "./emulated.js";
import type { SeenFrame } from "./truth.js";

/** A generated camera of so many key pictures a second, cut into fragments of this length, which hold several of them. */
export async function encodeManyKeys(source: TestSource, fragmentSeconds: number): Promise<Media> {
  const { video } = await encodeTestSource({ path: FFMPEG }, source);
  return { tracks: video, clip: makeClip(video, fragmentSeconds), audio: undefined };
}

const BASE: TestSource = { kind: "testsrc", size: { width: 320, height: 180 }, fps: "20", fragmentSeconds: 1, loopSeconds: 6 };

/** A media for each sort of camera. */
export async function encodeSorts(): Promise<Map<string, Media>> {
  const plain = { path: FFMPEG };
  return new Map([
    ["plain", await encodeMedia(plain, BASE)],
    ["b-frames", await encodeMedia(plain, { ...BASE, bframes: 2 })],
    ["h265-b-frames", await encodeMedia(plain, { ...BASE, codec: "h265", bframes: 3 })],
    ["variable-rate", await encodeMedia(plain, { ...BASE, variableRate: true })],
    ["many-keys", await encodeManyKeys({ ...BASE, fragmentSeconds: 0.5 }, 2)],
  ]);
}

/** One picture of a camera's truth. */
interface Candidate extends SeenFrame {
  readonly frame: FrameTruth;
}

const candidatesOf = ({ number, frames }: FragmentTruth, keysOnly: boolean): Candidate[] =>
  frames.filter(({ keyframe }) => keyframe || !keysOnly).map((frame) => ({ fragment: number, index: frame.index, capturedAt: Math.round(frame.producerMs), frame }));

/**
 * What must be delivered of what a camera captured from one time to before another: of each tick the first picture, or the first key
 * picture, at or after it.
 */
export function expectedOf(camera: Camera, { fromMs, toMs, fps, keysOnly }: { fromMs: number; toMs: number; fps: number | undefined; keysOnly: boolean }): Candidate[] {
  // What came just before tells whether the first one is the first after its tick.
  const fragments = camera.fragments(fromMs - 60_000, toMs, "producer");
  const candidates = fragments.flatMap((fragment) => candidatesOf(fragment, keysOnly));
  const isIn = ({ capturedAt }: Candidate): boolean => capturedAt >= fromMs && capturedAt < toMs;
  if (fps === undefined) return candidates.filter(isIn);
  const chosen = new Set<Candidate>();
  const intervalMs = 1000 / fps;
  for (let tick = Math.ceil((fromMs - 30_000) / intervalMs); tick * intervalMs < toMs; tick++) {
    const first = candidates.find(({ capturedAt }) => capturedAt + 0.5 >= tick * intervalMs);
    if (first) chosen.add(first);
  }
  return [...chosen].filter(isIn);
}
