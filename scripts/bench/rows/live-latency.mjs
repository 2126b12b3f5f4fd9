import { newestByFragment, readLive } from "../live-ffmpeg.mjs";
import { row } from "../results.mjs";

export const titles = { "live-latency": "live, every frame of 1080p30: time from a fragment's listing to its last frame, without and with B-frames" };

const CAMERAS = { plain: { clip: "1080p30" }, bframes: { clip: "1080p30-bframes" } };
const VARIANTS = [
  { camera: "plain", pixelFormat: "bgr24", decoder: "node-av", figure: "no B-frames, bgr24, decoded in the program (node-av)" },
  { camera: "plain", pixelFormat: "bgr24", decoder: "ffmpeg", figure: "no B-frames, bgr24" },
  { camera: "plain", pixelFormat: "yuv420p", decoder: "ffmpeg", figure: "no B-frames, yuv420p" },
  { camera: "bframes", pixelFormat: "bgr24", decoder: "node-av", figure: "B-frames, bgr24, decoded in the program (node-av)" },
  { camera: "bframes", pixelFormat: "bgr24", decoder: "ffmpeg", figure: "B-frames, bgr24" },
];
const PEER = "ffmpeg -i URL";
const ROUNDS = 3;

export async function run(bench, [name]) {
  const emulated = await bench.emulate(CAMERAS);
  const seconds = bench.choose(13, 8);
  // One camera after the other: their fragments would come at the same moments, and wait for each other.
  const results = await bench.interleave({
    "kvs-frames": () => byVariant(async ({ camera, pixelFormat, decoder }) => {
      const settings = { endpointUrl: emulated.url, ...bench.decoder(decoder), streamNames: [camera], seconds, pixelFormat };
      const { stdout } = await bench.library("live.mjs", settings).run();
      return latencies(emulated, camera, JSON.parse(stdout)[camera]);
    }),
    [PEER]: () => byVariant(({ camera }) => peerLatencies(bench, emulated, camera, seconds)),
  }, { rounds: ROUNDS });
  return {
    rows: VARIANTS.map(({ figure }, at) => {
      const ofVariant = Object.fromEntries(Object.entries(results).map(([contender, rounds]) => [contender, rounds.flatMap((round) => round[at])]));
      const notes = [`${figure}: ${ofVariant["kvs-frames"].length} fragments of kvs-frames, ${ofVariant[PEER].length} of ffmpeg`];
      return row({ name, figure: `2 s fragments, ${figure}`, unit: "ms", results: ofVariant, against: PEER, judged: "value", target: { atMost: 250 }, notes });
    }),
  };
}

async function byVariant(work) {
  const results = [];
  for (const variant of VARIANTS) results.push(await work(variant));
  return results;
}

async function peerLatencies(bench, emulated, camera, seconds) {
  const url = await emulated.openSession(camera);
  const before = await emulated.asked(camera);
  const times = await readLive(bench.ffmpeg, url, { seconds, signal: bench.signal });
  const fragments = [...new Set((await emulated.asked(camera)).slice(before.length))];
  const frames = new Map((await emulated.listings(camera, fragments)).map((listing, at) => [fragments[at], listing.frames]));
  return latencies(emulated, camera, newestByFragment(times, fragments, (fragment) => frames.get(fragment)));
}

/**
 * Milliseconds from listing to the last frame, of the fragments that were read to their end and listed after reading had begun.
 * @param seen [fragment, index of the newest frame, time of its delivery]
 */
async function latencies(emulated, camera, seen) {
  const listings = await emulated.listings(camera, seen.map(([fragment]) => fragment));
  const begun = Math.min(...seen.map(([, , at]) => at));
  return seen.flatMap(([, index, at], place) => {
    const { listedAt, frames } = listings[place];
    return index === frames - 1 && listedAt > begun ? [at - listedAt] : [];
  });
}
