import * as kvsFrames from "kvs-frames";

/** Why the library cannot read many cameras with one decoder, if it cannot. */
export const missingPool = "DecoderPool" in kvsFrames ? undefined : "this build has no DecoderPool: sources cannot share a decoder";

/** Fragments last so long; cameras do not send theirs all at once. */
const SPREAD_SECONDS = 2;
const HISTORY = 60;

/** So many cameras for the emulator. */
export const manyCameras = (count) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`camera-${at + 1}`, { clip: "720p15", history: HISTORY + (SPREAD_SECONDS * at) / count }]));

/** The library on so many of them, at one key frame each, with one decoder. */
export function readKeyFrames(bench, { url }, { count, seconds, decoder = "ffmpeg" }) {
  const streamNames = Object.keys(manyCameras(count));
  return bench.library("cameras.mjs", { endpointUrl: url, ...bench.decoder(decoder), streamNames, seconds }, { watchMemory: true }).run();
}
