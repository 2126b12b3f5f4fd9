import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { locateFfmpeg } from "../../dist/decoder/locate.js";
import { parseCamera, startEmulator } from "../../dist/emulator/index.js";
import { FrameCheck } from "./frame-check.mjs";
import { sampleProcess } from "./process-sample.mjs";
import { Pull } from "./pull.mjs";
import { Records } from "./records.mjs";
import { Requests } from "./requests.mjs";

const SAMPLE_MS = 10_000;
/** Shorter runs are sampled so often. */
const LEAST_SAMPLES = 20;
const STREAM = "soak";

/**
 * Runs a scenario for so many minutes, or until the signal; gives all that was seen.
 * @param onSample told of each sample as it is taken
 */
export async function soak(scenario, { minutes, signal, onSample }) {
  const directory = await mkdtemp(join(tmpdir(), "kvs-frames-soak-"));
  const requests = new Requests();
  const { path: ffmpeg, version } = await locateFfmpeg(undefined, process.env, signal);
  const emulator = await startEmulator({
    ffmpeg,
    cameras: [parseCamera(`${STREAM}=${scenario.camera}`)],
    sessionSeconds: scenario.sessionSeconds,
    onRequest: (facts) => requests.asked(facts),
    onAnswered: (entry) => requests.answered(entry),
  });
  const pull = new Pull({ directory, url: emulator.url, ffmpeg, stream: STREAM, ...scenario });
  try {
    const run = await watch(pull, { camera: emulator.cameras.get(STREAM), requests, minutes, signal, onSample });
    return { ...run, machine: `Node.js ${process.version}, ${version.split(" Copyright")[0]}, ${availableParallelism()} CPUs` };
  } finally {
    pull.kill();
    await emulator.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function watch(pull, { camera, requests, minutes, signal, onSample }) {
  const frames = new FrameCheck(camera);
  let summary;
  const records = new Records(pull.manifest, (record) => {
    if (record.type === "frame") frames.add(record);
    if (record.type === "summary") summary = record;
  });
  const samples = [];
  const startedAt = Date.now();
  const everyMs = Math.min(SAMPLE_MS, (minutes * 60_000) / LEAST_SAMPLES);
  const over = AbortSignal.any([signal, pull.gone]);
  for (let number = 1; number * everyMs <= minutes * 60_000 && !over.aborted; number++) {
    await sleep(startedAt + number * everyMs - Date.now(), undefined, { signal: over }).catch(() => undefined);
    await records.readOn();
    const facts = await sampleProcess(pull.pid);
    if (facts === undefined) break;
    samples.push({ minute: (Date.now() - startedAt) / 60_000, ...facts, frames: frames.frames });
    onSample(samples.at(-1));
  }
  const elapsedSeconds = (Date.now() - startedAt) / 1000;
  const stateChanges = [...pull.log.stateChanges]; // the last one, by our asking, is none
  const newestAgeMs = Date.now() - (frames.newestMs ?? -Infinity);
  const end = await pull.end();
  await records.readOn();
  return { samples, elapsedSeconds, frames, summary, requests, stateChanges, newestAgeMs, decoderStarts: pull.log.decoderStarts, warnings: pull.log.warnings, ...end };
}
