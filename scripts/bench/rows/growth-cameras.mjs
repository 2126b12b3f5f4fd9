import { manyCameras, missingPool, readKeyFrames } from "../key-cameras.mjs";

export const titles = { "growth-cameras": "what one camera more costs: 1, 5, 20, 50 of them at one key frame each" };

const COUNTS = [1, 5, 20, 50];

export async function run(bench, [name]) {
  const title = titles[name];
  const columns = ["cameras", "CPU s a minute", "CPU s a minute and camera", "peak RSS, MB", "frames", "fewest of a camera"];
  if (missingPool) return { growth: [{ name, title, columns, lines: [], notes: [missingPool] }] };
  const emulated = await bench.emulate(manyCameras(Math.max(...COUNTS)));
  const seconds = bench.choose(10, 6);
  const lines = [];
  for (const count of COUNTS) {
    bench.say(`${count} cameras`);
    const { cpu, peakMb, stdout } = await readKeyFrames(bench, emulated, { count, seconds });
    const { frames, least } = JSON.parse(stdout);
    const aMinute = (cpu * 60) / seconds;
    lines.push([count, aMinute.toFixed(2), (aMinute / count).toFixed(3), peakMb.toFixed(0), frames, least]);
  }
  return { growth: [{ name, title, columns, lines, notes: [`Runs of ${seconds} s, the start included.`] }] };
}
