// The emulator in a process of its own, so that its work does not count as ours. Talks to its parent: { id, call, args } is
// answered with { id, value } or { id, error }.
import { encodeMedia, startEmulator } from "../../dist/emulator/index.js";
import { fragmentBytes } from "../../dist/emulator/media/media.js";

let emulator;
/** Requests that were answered since the last time somebody asked. */
let answered = [];

const CALLS = {
  async start({ ffmpeg, cameras, ranges, ...options }) {
    const media = new Map();
    for (const { clip } of cameras) {
      if (!media.has(clip)) media.set(clip, await encodeMedia({ path: ffmpeg }, { kind: "file", path: clip, fragmentSeconds: 2 }));
    }
    emulator = await startEmulator({
      ffmpeg,
      ...options,
      ...(ranges && { switches: { ranges } }),
      cameras: cameras.map(({ name, clip, historySeconds }) => ({ name, source: media.get(clip), historySeconds })),
      onAnswered: (entry) => answered.push(entry),
    });
    return emulator.url;
  },

  requests() {
    const taken = answered;
    answered = [];
    return taken;
  },

  /** Numbers of the fragments that a camera has been asked for so far, in order. */
  asked({ camera }) {
    const media = emulator.journal.filter(({ operation, streamName }) => operation === "GetMP4MediaFragment" && streamName === camera);
    return media.map(({ fragment }) => fragment);
  },

  /** Bounds of whole fragments, from the camera's first on, and what is in them. */
  archive({ camera: name, seconds }) {
    const camera = emulator.cameras.get(name);
    const [first] = camera.fragments(camera.createdAt - 1, camera.createdAt + 60_000, "producer");
    const startMs = first.startMs.producer;
    const endMs = startMs + seconds * 1000;
    const fragments = [...camera.range({ clock: "producer", startMs, endMs: endMs - 1 })];
    const frames = fragments.reduce((sum, { clip }) => sum + clip.pictures.length, 0);
    const bytes = fragments.reduce((sum, { clipIndex }) => sum + fragmentBytes(camera.media, clipIndex), 0);
    return { startMs, endMs, seconds, frames, bytes, fragments: fragments.length };
  },

  /** When fragments were listed, and how many pictures each holds; null for numbers that are not the camera's. */
  listings({ camera: name, numbers }) {
    const camera = emulator.cameras.get(name);
    return numbers.map((number) => {
      const fragment = camera.find(number);
      return fragment ? { listedAt: fragment.ingestedAt, frames: fragment.clip.pictures.length } : null;
    });
  },
};

process.on("message", ({ id, call, args }) => {
  Promise.resolve()
    .then(() => CALLS[call](args))
    .then((value) => process.send({ id, value }), (error) => process.send({ id, error: error.message }));
});
process.on("disconnect", () => process.exit());
// A Ctrl-C in the terminal reaches us too; the parent ends us when nothing needs us any more.
process.on("SIGINT", () => undefined);
