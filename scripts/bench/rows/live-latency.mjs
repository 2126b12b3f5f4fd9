import { newestByFragment, readLive } from "../live-ffmpeg.mjs";
import { row } from "../results.mjs";

export const titles = { "live-latency": "live, every frame of 1080p30: time from a fragment's listing to its last frame, without and with B-frames" };

const CAMERAS = { plain: { clip: "1080p30" }, bframes: { clip: "1080p30-bframes" } };
const FIGURES = { plain: "no B-frames", bframes: "B-frames" };
const PEER = "ffmpeg -i URL";
const ROUNDS = 3;

export async function run(bench, [name]) {
  const emulated = await bench.emulate(CAMERAS);
  const seconds = bench.choose(13, 8);
  const cameras = Object.keys(CAMERAS);
  // One camera after the other: their fragments would come at the same moments, and wait for each other.
  const results = await bench.interleave({
    "kvs-frames": async () => {
      const read = async (camera) => {
        const settings = { endpointUrl: emulated.url, ffmpegPath: bench.ffmpeg.path, streamNames: [camera], seconds };
        const { stdout } = await bench.library("live.mjs", settings).run();
        return latencies(emulated, camera, JSON.parse(stdout)[camera]);
      };
      return byCamera(cameras, read);
    },
    [PEER]: () => byCamera(cameras, (camera) => peerLatencies(bench, emulated, camera, seconds)),
  }, { rounds: ROUNDS });
  return {
    rows: cameras.map((camera) => {
      const ofCamera = Object.fromEntries(Object.entries(results).map(([contender, rounds]) => [contender, rounds.flatMap((round) => round[camera])]));
      const notes = [`${FIGURES[camera]}: ${ofCamera["kvs-frames"].length} fragments of kvs-frames, ${ofCamera[PEER].length} of ffmpeg`];
      return row({ name, figure: `2 s fragments, ${FIGURES[camera]}`, unit: "ms", results: ofCamera, against: PEER, judged: "value", target: { atMost: 250 }, notes });
    }),
  };
}

async function byCamera(cameras, work) {
  const results = {};
  for (const camera of cameras) results[camera] = await work(camera);
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
