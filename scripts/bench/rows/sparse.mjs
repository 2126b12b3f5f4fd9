import { nullDecode, rangeFlags } from "../frames.mjs";
import { LINK, rangeVariants } from "../range-variants.mjs";
import { row } from "../results.mjs";
import { median } from "../statistics.mjs";

export const titles = {
  "keyframes-0.5fps": "0.5 frames a second from an archive: CPU and bytes, beside all of it",
  "sparse-0.1fps": "0.1 frames a second: the same",
};

const CLIP = "1080p30";
const PEER = "ffmpeg -i URL -f null -";
const RATES = {
  "keyframes-0.5fps": { fps: 0.5, cpu: 0.1, percent: 8 },
  "sparse-0.1fps": { fps: 0.1, cpu: 0.05, percent: 2 },
};
const DECODERS = { "keyframes-0.5fps": ["node-av", "ffmpeg"], "sparse-0.1fps": ["ffmpeg"] };
const HISTORY = 700;
/** Decoding all is measured on a part, because it takes time in proportion. */
const PEER_SECONDS = 60;

export async function run(bench, wanted) {
  const unlimited = await bench.emulate({ front: { clip: CLIP, history: HISTORY } }, { limits: false });
  const part = await unlimited.archive("front", PEER_SECONDS);
  const variants = [];
  for (const { options, label } of await rangeVariants(bench)) {
    const emulated = await bench.emulate({ front: { clip: CLIP, history: HISTORY } }, options);
    variants.push({ label, emulated, archive: await emulated.archive("front", bench.choose(300, 120)) });
  }
  const ours = wanted.flatMap((name) => DECODERS[name].map((decoder) => ({ name, decoder, key: `${name}, ${decoder}` })));
  const measured = await bench.interleave({
    ...Object.fromEntries(ours.map(({ name, decoder, key }) => [key, async () => {
      const samples = [];
      for (const variant of variants) samples.push(await pullSparse(bench, name, decoder, variant));
      return samples;
    }])),
    [PEER]: async () => bench.runFfmpeg(nullDecode(await unlimited.openSession("front", part)), { output: "text" }).run(),
  }, { rounds: 3 });
  const peer = measured[PEER].map(({ cpu }) => ({ cpuAMinute: (cpu * 60) / PEER_SECONDS }));
  return { rows: ours.flatMap(({ name, decoder, key }) => variants.flatMap((variant, at) => rowsOf(name, decoder, variant, measured[key].map((round) => round[at]), peer))) };
}

async function pullSparse(bench, name, decoder, { emulated, archive }) {
  await emulated.requests();
  const flags = [...rangeFlags(archive), "--target-fps", String(RATES[name].fps), "--format", "raw", "--pixel-format", "bgr24", "--out", "-", "--manifest", bench.fresh("manifest"), "--decoder", decoder];
  const sample = await bench.pull(emulated, "front", flags).run();
  const media = (await emulated.requests()).filter(({ operation }) => operation === "GetMP4MediaFragment");
  const bytes = media.reduce((sum, entry) => sum + entry.bytes, 0);
  const refused = media.filter(({ status }) => status >= 400).length;
  return { cpuAMinute: (sample.cpu * 60) / archive.seconds, percent: (bytes / archive.bytes) * 100, requests: media.length, refused };
}

function rowsOf(name, decoder, { label, archive }, ours, peer) {
  const { cpu, percent } = RATES[name];
  const notes = [
    `decoding all is measured on ${PEER_SECONDS} s, and with the service's limits off, which ffmpeg does not keep`,
    `bytes are those that left the emulator, over a link of ${LINK.linkMbps} Mbit/s`,
    `${decoder}, ${label}: ${median(ours.map(({ requests }) => requests))} requests for media, ${Math.max(...ours.map(({ refused }) => refused))} refused`,
  ];
  const what = `${archive.seconds / 60} minutes of 1080p30, ${label}${decoder === "node-av" ? ", decoded in the program (node-av)" : ""}`;
  return [
    row({ name, figure: `CPU a minute, ${what}`, unit: "s", results: { "kvs-frames": ours, [PEER]: peer }, valueIn: (sample) => sample.cpuAMinute, against: PEER, target: { atMost: cpu }, notes }),
    row({ name, figure: `share of the bytes, ${what}`, unit: "%", results: { "kvs-frames": ours }, valueIn: (sample) => sample.percent, target: { atMost: percent } }),
  ];
}
