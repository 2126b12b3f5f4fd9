import { Camera } from "./camera/camera.js";
import type { CameraSpec } from "./camera/spec.js";
import type { Ffmpeg } from "./media/ffmpeg.js";
import { encodeMedia, type Media } from "./media/media.js";

const ENCODERS = 2;

/** Encodes what the cameras will play, two at a time, and lets them all begin together. */
export async function startCameras(ffmpeg: Ffmpeg, specs: readonly CameraSpec[]): Promise<ReadonlyMap<string, Camera>> {
  const media = new Map<string, Media>();
  for (const { name } of specs) {
    if (!/^[a-zA-Z0-9_.-]{1,256}$/.test(name)) throw new RangeError(`camera name must be 1 to 256 letters, digits, '_', '.' or '-', got "${name}"`);
  }
  if (new Set(specs.map(({ name }) => name)).size < specs.length) throw new RangeError("camera names must differ");
  const failed = new AbortController();
  const signal = ffmpeg.signal ? AbortSignal.any([ffmpeg.signal, failed.signal]) : failed.signal;
  const waiting = specs.values();
  const encode = async () => {
    for (const { name, source } of waiting) media.set(name, "kind" in source ? await encodeMedia({ ...ffmpeg, signal }, source) : source);
  };
  try {
    await Promise.all(Array.from({ length: ENCODERS }, encode));
  } catch (error) {
    failed.abort();
    throw error;
  }
  const now = Date.now();
  const cameras = specs.flatMap((spec) => {
    const encoded = media.get(spec.name);
    return encoded ? [new Camera(spec, encoded, now)] : [];
  });
  return new Map(cameras.map((camera) => [camera.name, camera]));
}
