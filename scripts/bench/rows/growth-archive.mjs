import { rangeFlags } from "../frames.mjs";
import { LINK } from "../range-variants.mjs";

export const titles = { "growth-archive": "what longer ranges cost: 1, 10, 60 minutes of archive at 0.1 frames a second" };

const MINUTES = [1, 10, 60];
const FPS = 0.1;

export async function run(bench, [name]) {
  const emulated = await bench.emulate({ front: { clip: "1080p30", history: (Math.max(...MINUTES) + 1) * 60 } }, LINK);
  const lines = [];
  for (const minutes of bench.choose(MINUTES, MINUTES.slice(0, 2))) lines.push(await lineOf(bench, emulated, minutes));
  const columns = ["minutes", "time, s", "CPU s", "bytes of media, MB", "share of all", "requests", "of these for media"];
  return { growth: [{ name, title: titles[name], columns, lines, notes: [`Over a link of ${LINK.linkMbps} Mbit/s; bytes are those that left the emulator.`] }] };
}

async function lineOf(bench, emulated, minutes) {
  const archive = await emulated.archive("front", minutes * 60);
  bench.say(`${minutes} minutes of archive`);
  await emulated.requests();
  const out = ["--format", "raw", "--pixel-format", "bgr24", "--out", "-", "--manifest", bench.fresh("manifest")];
  const { wall, cpu } = await bench.pull(emulated, "front", [...rangeFlags(archive), "--target-fps", String(FPS), ...out]).run();
  const requests = await emulated.requests();
  const media = requests.filter(({ operation }) => operation === "GetMP4MediaFragment");
  const bytes = media.reduce((sum, entry) => sum + entry.bytes, 0);
  return [minutes, wall.toFixed(2), cpu.toFixed(2), (bytes / 1e6).toFixed(2), `${((bytes / archive.bytes) * 100).toFixed(1)} %`, requests.length, media.length];
}
