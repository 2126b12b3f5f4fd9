import { setTimeout as sleep } from "node:timers/promises";
import { sampleProcess } from "../../soak/process-sample.mjs";
import { Pull } from "../../soak/pull.mjs";
import { row } from "../results.mjs";

export const titles = { "rss-live": "live 1080p30, every frame raw to stdout: memory of Node over --minutes (an hour: npm run soak)" };

const SAMPLE_MS = 1000;
const QUICK_MINUTES = 0.3;

export async function run(bench, [name]) {
  const minutes = bench.choose(bench.minutes, Math.min(bench.minutes, QUICK_MINUTES));
  const emulated = await bench.emulate({ front: { clip: "1080p30" } });
  const pull = new Pull({ directory: bench.directory, url: emulated.url, ffmpeg: bench.ffmpeg.path, stream: "front", flags: ["--format", "raw", "--out", "-"], isPiped: true });
  bench.say(`${minutes} minutes`);
  const samples = await watch(pull, minutes * 60_000, bench.signal);
  const { exitCode, pipedBytes } = await pull.end();
  if (!(pipedBytes > 0)) throw new Error(`pull gave nothing, and ended with ${exitCode}: ${pull.log.warnings.join("; ")}`);
  // What is judged is the most of it, not the middle.
  const most = { results: { "kvs-frames": [Math.max(...samples)] }, figure: `most of ${minutes} minutes` };
  const middle = { results: { "kvs-frames": samples }, figure: `each second of ${minutes} minutes` };
  return { rows: [row({ name, unit: "MB", ...most, target: { atMost: 160 } }), row({ name, unit: "MB", ...middle })] };
}

/** RSS of Node alone, each second, MB. */
async function watch(pull, forMs, signal) {
  const over = AbortSignal.any([signal, pull.gone]);
  const samples = [];
  for (const endsAt = Date.now() + forMs; Date.now() < endsAt && !over.aborted;) {
    await sleep(SAMPLE_MS, undefined, { signal: over }).catch(() => undefined);
    const facts = await sampleProcess(pull.pid);
    if (facts) samples.push(facts.rssMb);
  }
  return samples;
}
